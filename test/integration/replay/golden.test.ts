/** Recorded histories, era by era, against the workflow code of now: what runs today must go on with the next version. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { historyIn, replay, type RecordedHistory, type Replayed } from '../../../src/replay/index.ts';
import { bundleOf, bundleWithATimer } from '../../support/other-workflow.ts';
import { STORIES } from '../../golden/histories/stories.ts';

const FOLDER = join(import.meta.dirname, '../../golden/histories');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const golden = (story: string) => historyIn(read(files.find((name) => name.startsWith(`${story}.`)) ?? story), story);

let now: { readonly code: string };
let later: { readonly code: string };

beforeAll(async () => {
  now = await bundleOf();
  later = await bundleWithATimer();
}, 120_000);

async function all(
  bundle: { readonly code: string },
  histories: readonly RecordedHistory[],
): Promise<readonly Replayed[]> {
  const results: Replayed[] = [];
  for await (const result of replay(bundle, histories)) results.push(result);
  return results;
}
const divergences = async (bundle: { readonly code: string }, histories: readonly RecordedHistory[]) =>
  (await all(bundle, histories)).map(({ divergence }) => divergence);

/** The same history, as nobody recorded it. */
function falsified(story: string, change: (events: Record<string, unknown>[]) => void): RecordedHistory {
  const history = golden(story);
  const events = structuredClone(history.events) as unknown as Record<string, unknown>[];
  change(events);
  const numbered = events.map((event, n) => ({ ...event, eventId: String(n + 1) }));
  return historyIn(JSON.stringify({ events: numbered }), `false ${story}`);
}
const indexOf = (events: readonly Record<string, unknown>[], type: string, activity?: string) =>
  events.findIndex(
    ({ eventType, activityTaskScheduledEventAttributes: task }) =>
      eventType === `EVENT_TYPE_${type}` &&
      (activity === undefined || (task as { activityType: { name: string } }).activityType.name === activity),
  );

describe('the golden histories', () => {
  it('are of every story', () => {
    const told = files.map((name) => name.replace(/(-\d+)?\.\d{4}-\d\d-\d\d\.json$/, ''));
    expect([...new Set(told)].toSorted()).toEqual(Object.keys(STORIES).toSorted());
    expect(files.filter((name) => name.startsWith('rolled-over-'))).toHaveLength(3);
  });

  it('replay against the code of now, in every era', async () => {
    const results = await all(
      now,
      files.map((name) => historyIn(read(name), name)),
    );
    expect(results.map(({ history, divergence }) => [history.source, divergence])).toEqual(
      files.map((name) => [name, null]),
    );
  });

  it('name no machine', () => {
    const text = files.map(read).join('');
    expect(text.match(/"identity":"(?!recorded)[^"]+"/g)).toBeNull();
    expect(text.match(/\d+@[\w-]{8,}/g)).toBeNull();
  });
});

describe('a history that this code would not have made', () => {
  it('is found when its commands stand in another order, and the first event is named', async () => {
    const swapped = falsified('prompt-completed', (events) => {
      const at = indexOf(events, 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES');
      events.splice(at, 2, events[at + 1]!, events[at]!);
    });
    const at = swapped.events.findIndex(({ eventType }) => eventType.includes('UPSERT')); // 0-based: the number of the one before
    expect(await divergences(now, [swapped])).toEqual([
      {
        event_id: at,
        expected: 'WorkflowExecutionUpdateCompleted',
        got: 'UpsertWorkflowSearchAttributes',
        reason: expect.stringContaining('TMPRL1100'),
      },
    ]);
  });

  it('is found when another activity stands where the code calls its own, also where the error names no event', async () => {
    const other = falsified('suspended-resumed', (events) => {
      const at = indexOf(events, 'ACTIVITY_TASK_SCHEDULED', 'runTurn');
      (events[at]!['activityTaskScheduledEventAttributes'] as { activityType: { name: string } }).activityType.name =
        'appendEvents'; // of which there are others before it
    });
    const event_id = 1 + indexOf(golden('suspended-resumed').events as never, 'ACTIVITY_TASK_SCHEDULED', 'runTurn');
    const [divergence] = await divergences(now, [other]);
    expect(divergence).toMatchObject({
      event_id,
      expected: 'ActivityTaskScheduled appendEvents',
      got: 'ActivityTaskScheduled runTurn',
    });
    expect(divergence?.reason).not.toContain('HistoryEvent');
  });

  it('does not hide the others', async () => {
    const gone = falsified('prompt-completed', (events) => {
      (
        events[indexOf(events, 'ACTIVITY_TASK_SCHEDULED')]!['activityTaskScheduledEventAttributes'] as {
          activityType: { name: string };
        }
      ).activityType.name = 'deleteEverything';
    });
    const found = await divergences(now, [golden('queued'), gone, golden('steered')]);
    expect(found.map((one) => one?.expected ?? null)).toEqual([null, 'ActivityTaskScheduled deleteEverything', null]);
  });

  it('cannot be checked without the flags of its worker, and is refused', () => {
    const { events } = JSON.parse(read(files[0]!)) as { events: Record<string, unknown>[] };
    for (const event of events) {
      const task = event['workflowTaskCompletedEventAttributes'] as Record<string, unknown> | undefined;
      if (task) delete task['sdkMetadata'];
    }
    expect(() => historyIn(JSON.stringify({ events }), 'by-hand.json')).toThrow(/coreUsedFlags/);
    expect(() => historyIn('{"events":[]}', 'empty.json')).toThrow(/no history/);
    expect(() => historyIn('nonsense', 'nonsense.json')).toThrow(/not JSON/);
  });
});

describe('a deliberate change of the workflow', () => {
  it('is found in what ran before, with the event, what was recorded and what comes now', async () => {
    const found = await divergences(later, ['prompt-completed', 'queued', 'rolled-over-3'].map(golden));
    expect(found[0]).toEqual({
      event_id: 7, // the first step of the first turn
      expected: 'WorkflowExecutionUpdateCompleted',
      got: 'TimerStarted',
      reason: expect.stringContaining('Timer machine'),
    });
    expect(found[1]).toMatchObject({ got: 'TimerStarted' });
    expect(found[2]).toBeNull(); // that run has no attempt: the change does not touch it
  });
});
