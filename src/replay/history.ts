/** A recorded history, as the engine or `temporal workflow show -o json` gives it, and what can be read from it. Pure. */
import { TackError } from '../domain/errors.ts';

export interface RecordedEvent {
  readonly eventId: string;
  /** Such as `EVENT_TYPE_TIMER_STARTED`. */
  readonly eventType: string;
  readonly [attributes: string]: unknown;
}
export interface RecordedHistory {
  readonly workflow_id: string;
  /** Null: a file does not say it. */
  readonly run_id: string | null;
  /** Where it came from: `engine`, or the name of a file. */
  readonly source: string;
  readonly events: readonly RecordedEvent[];
}

/** The history of a file. `usage_invalid` when it is none, or cannot be checked. */
export function historyIn(text: string, source: string): RecordedHistory {
  const events = eventsOf(parsed(text, source));
  const begun = events?.[0]?.['workflowExecutionStartedEventAttributes'];
  if (!events || !isRecord(begun))
    throw new TackError(
      'usage_invalid',
      `${source} is no history. Record one with \`temporal workflow show -w session/<id> -o json\`.`,
    );
  if (!isCheckable(events))
    throw new TackError(
      'usage_invalid',
      `${source} says nowhere which flags its worker used (sdkMetadata.coreUsedFlags): its replay would pass, whatever the code does. Record it anew.`,
    );
  const run_id = begun['originalExecutionRunId'];
  const workflow_id = begun['workflowId'];
  return {
    workflow_id: typeof workflow_id === 'string' ? workflow_id : source,
    run_id: typeof run_id === 'string' ? run_id : null,
    source,
    events,
  };
}

/** An event in a few words: its type, and the name of what it is about. */
export function eventLabel(event: RecordedEvent): string {
  const type = event.eventType
    .replace(/^EVENT_TYPE_/, '')
    .toLowerCase()
    .replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const attributes = Object.entries(event).find(([key]) => key.endsWith('EventAttributes'))?.[1];
  const name = isRecord(attributes) ? nameIn(attributes) : undefined;
  return name === undefined ? type : `${type} ${name}`;
}

function nameIn(attributes: Readonly<Record<string, unknown>>): string | undefined {
  const { activityType, acceptedRequest, signalName, markerName, timerId } = attributes;
  const input = isRecord(acceptedRequest) ? acceptedRequest['input'] : undefined;
  const candidates = [isRecord(activityType) && activityType['name'], isRecord(input) && input['name']];
  return [...candidates, signalName, markerName, timerId].find((name) => typeof name === 'string');
}

/** Without flags core checks no types: a history that no worker wrote passes wrongly. */
function isCheckable(events: readonly RecordedEvent[]): boolean {
  const tasks = events.filter(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED');
  if (tasks.length === 0) return true; // nothing was decided yet
  return tasks.some(({ workflowTaskCompletedEventAttributes: task }) => {
    const metadata = isRecord(task) ? task['sdkMetadata'] : undefined;
    const flags = isRecord(metadata) ? metadata['coreUsedFlags'] : undefined;
    return Array.isArray(flags) && flags.length > 0;
  });
}

function eventsOf(value: unknown): readonly RecordedEvent[] | null {
  const events = isRecord(value) ? value['events'] : undefined;
  const isEvent = (event: unknown) =>
    isRecord(event) && typeof event['eventType'] === 'string' && event['eventId'] !== undefined;
  return Array.isArray(events) && events.every(isEvent) ? (events as readonly RecordedEvent[]) : null;
}

function parsed(text: string, source: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new TackError('usage_invalid', `${source} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
