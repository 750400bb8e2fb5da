/** The histories that the engine still has: of one session, every run; or of all. */
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { WorkflowNotFoundError } from '@temporalio/client';
import { reach, told, workflowIdOf } from '../api/engine/index.ts';
import { TackError } from '../domain/errors.ts';
import { historyIn, type RecordedHistory } from './history.ts';

const IS_SESSION = 'WorkflowType = "session"';

/** Every run of this session, the newest first. `said` is an id, the beginning of one, or `latest`. */
export async function* historiesOf(client: Client, said: string): AsyncGenerator<RecordedHistory> {
  const workflow_id = await inWords(() => workflowMeant(client, said));
  yield* histories(client, `WorkflowId = "${workflow_id}"`);
}

/** Of all sessions; with `since` those that ended before are left out, open ones never. */
export function allHistories(client: Client, since: Date | null): AsyncGenerator<RecordedHistory> {
  const recent = since && ` AND (ExecutionStatus = "Running" OR CloseTime >= "${since.toISOString()}")`;
  return histories(client, `${IS_SESSION}${recent ?? ''}`);
}

async function* histories(client: Client, query: string): AsyncGenerator<RecordedHistory> {
  await reach(client);
  const runs = client.workflow.list({ query })[Symbol.asyncIterator]();
  for (;;) {
    const next = await inWords(() => runs.next());
    if (next.done) return;
    const { workflowId, runId } = next.value;
    const history = await inWords(() => historyOf(client, workflowId, runId));
    if (history) yield history;
  }
}

/** Null when the engine's retention took it since it was listed. */
async function historyOf(client: Client, workflow_id: string, run_id: string): Promise<RecordedHistory | null> {
  try {
    const history = await client.workflow.getHandle(workflow_id, run_id).fetchHistory();
    return { ...historyIn(historyToJSON(history), 'engine'), workflow_id, run_id };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

async function workflowMeant(client: Client, said: string): Promise<string> {
  await reach(client);
  const beginning = said === 'latest' ? '' : said.startsWith('ses_') ? said : `ses_${said}`;
  if (!/^\w*$/.test(beginning)) throw notFound(said);
  const found = new Set<string>();
  const query = `${IS_SESSION} AND WorkflowId STARTS_WITH "${workflowIdOf(beginning)}"`;
  for await (const { workflowId } of client.workflow.list({ query })) {
    found.add(workflowId);
    if (said === 'latest' || found.size > 5) break;
  }
  const [first, ...others] = found;
  if (first === undefined) throw notFound(said);
  if (others.length === 0) return first;
  if (found.has(workflowIdOf(beginning))) return workflowIdOf(beginning);
  const ids = [...found].map((id) => id.slice(workflowIdOf('').length)).join(', ');
  throw new TackError('usage_invalid', `${JSON.stringify(said)} may be ${ids}. Say more of the id.`);
}

const notFound = (said: string) =>
  new TackError(
    'session_not_found',
    `The engine has no history of ${JSON.stringify(said)}: never begun, or forgotten.`,
  );

async function inWords<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw await told(error, async () => new TackError('session_not_found', 'The engine has no such history.'));
  }
}
