/** What the engine's histories know of a log: the head that each append of the machine answered. Two stores would have to be forged. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { reach, told, workflowIdOf } from '../api/engine/index.ts';
import { TackError } from '../domain/errors.ts';
import type { KnownHead } from '../domain/events/find-breaks.ts';

const WHERE = 'the engine';

/** Empty when the engine has forgotten the session, or never knew it. `engine_unavailable`. */
export async function engineHeads(client: Client, log_id: string): Promise<readonly KnownHead[]> {
  try {
    await reach(client);
    const heads: KnownHead[] = [];
    for await (const { workflowId, runId } of client.workflow.list({ query: `WorkflowId = "${workflowIdOf(log_id)}"` }))
      heads.push(...headsIn(await eventsOf(client, workflowId, runId)));
    return heads;
  } catch (error) {
    throw await told(error, async () => new TackError('session_not_found', `The engine forgot ${log_id} just now.`));
  }
}

type Events = NonNullable<Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>['events']>;

async function eventsOf(client: Client, workflow_id: string, run_id: string): Promise<Events> {
  try {
    return (await client.workflow.getHandle(workflow_id, run_id).fetchHistory()).events ?? [];
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return []; // its retention ended since it was listed
    throw error;
  }
}

function headsIn(events: Events): readonly KnownHead[] {
  const appends = new Set(
    events
      .filter(({ activityTaskScheduledEventAttributes: task }) => task?.activityType?.name === 'appendEvents')
      .map(({ eventId }) => String(eventId)),
  );
  return events.flatMap(
    ({ workflowExecutionStartedEventAttributes: begun, activityTaskCompletedEventAttributes: done }) => {
      if (begun) return headOf(begun.input, (input) => (input as { carried?: { log?: unknown } }).carried?.log);
      return done && appends.has(String(done.scheduledEventId)) ? headOf(done.result, (result) => result) : [];
    },
  );
}

type Payloads = { readonly payloads?: readonly { readonly data?: Uint8Array | null }[] | null } | null | undefined;

function headOf(said: Payloads, positionIn: (value: unknown) => unknown): readonly KnownHead[] {
  const data = said?.payloads?.[0]?.data;
  if (!data) return [];
  const position = positionIn(JSON.parse(new TextDecoder().decode(data)) as unknown);
  const { seq, hash } = (position as { head?: { seq?: unknown; hash?: unknown } | null } | undefined)?.head ?? {};
  return typeof seq === 'number' && typeof hash === 'string' ? [{ where: WHERE, seq, hash }] : [];
}
