/** Runs recorded histories against workflow code, in this process alone: no engine, no activity, no effect. */
import { DefaultLogger, Runtime, Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { divergenceAt, eventNamedIn, reasonOf, type Divergence } from './divergence.ts';
import type { RecordedHistory } from './history.ts';

export interface Replayed {
  readonly history: RecordedHistory;
  /** Null: the code of now does what was recorded. */
  readonly divergence: Divergence | null;
}
export type WorkflowBundle = NonNullable<ReplayWorkerOptions['workflowBundle']>;
type Histories = AsyncIterable<RecordedHistory> | Iterable<RecordedHistory>;

/** Yields as they end; a divergence is a result, not an error. */
export async function* replay(workflowBundle: WorkflowBundle, histories: Histories): AsyncGenerator<Replayed> {
  beQuiet();
  let current: RecordedHistory | undefined; // one at a time: a result is of the last that was taken
  async function* handedOver() {
    for await (const history of histories) {
      current = history;
      yield asSdkTakesIt(history, history.events.length);
    }
  }
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, handedOver())) {
    const history = current;
    if (history?.workflow_id !== workflowId) throw new Error(`A replay of ${workflowId} ended that nobody began.`);
    yield { history, divergence: error ? await explained(workflowBundle, history, reasonOf(error.message)) : null };
  }
}

async function explained(bundle: WorkflowBundle, history: RecordedHistory, reason: string): Promise<Divergence> {
  return divergenceAt(history, eventNamedIn(reason) ?? (await firstEventThatFails(bundle, history)), reason);
}

/** Some errors name no event. The shortest beginning of the history that fails ends with it. */
async function firstEventThatFails(bundle: WorkflowBundle, history: RecordedHistory): Promise<number> {
  let [passes, fails] = [0, history.events.length];
  while (fails - passes > 1) {
    const middle = Math.floor((passes + fails) / 2);
    if (await isReplayed(bundle, history, middle)) passes = middle;
    else fails = middle;
  }
  return Number(history.events[fails - 1]?.eventId);
}

async function isReplayed(workflowBundle: WorkflowBundle, history: RecordedHistory, length: number): Promise<boolean> {
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, [asSdkTakesIt(history, length)]))
    if (error) return false;
  return true;
}

const asSdkTakesIt = ({ workflow_id, events }: RecordedHistory, length: number) => ({
  workflowId: workflow_id,
  history: { events: events.slice(0, length) },
});

let is_quiet = false;

/** What fails is our result: the SDK must not print it once more, to whatever stream. */
function beQuiet(): void {
  if (is_quiet) return;
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
  });
  is_quiet = true;
}
