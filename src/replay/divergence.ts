/** What the replay's error says, in the history's own words: which event, what was recorded, what the code of now does. Pure. */
import { eventLabel, type RecordedEvent, type RecordedHistory } from './history.ts';

export interface Divergence {
  /** The first recorded event that the code does not come to. */
  readonly event_id: number;
  /** What was recorded there. */
  readonly expected: string;
  /** What the code does in its place. */
  readonly got: string;
  /** As the engine's SDK tells it. */
  readonly reason: string;
}

/** The event that an error names itself, or null: then it has to be searched. */
export function eventNamedIn(reason: string): number | null {
  const id = /HistoryEvent\(id: (\d+)/.exec(reason)?.[1];
  return id === undefined ? null : Number(id);
}

export function divergenceAt(history: RecordedHistory, event_id: number, reason: string): Divergence {
  const event = history.events.find(({ eventId }) => Number(eventId) === event_id);
  return { event_id, expected: event ? eventLabel(event) : 'no event', got: gotOf(reason, event), reason };
}

/** The sentence within an error that carries core's debug output. */
export function reasonOf(message: string): string {
  const inner = /message: "((?:[^"\\]|\\.)*)"/.exec(message)?.[1];
  return (inner ?? message).replace(/\\(["\\])/g, '$1');
}

/** The SDK's words for what the code wants next. */
function gotOf(reason: string, event: RecordedEvent | undefined): string {
  const type = /does not match \w+ type of \w+ command '([^']*)'/.exec(reason)?.[1];
  if (type !== undefined && event) return eventLabel(event).replace(/ .*$/, '') + ` ${type}`;
  if (/No command scheduled/i.test(reason)) return 'nothing';
  const machine = /(\w+?) ?[Mm]achine does not handle/.exec(reason)?.[1];
  if (machine !== undefined) return COMMANDS[machine] ?? machine;
  return 'an error';
}

/** Core's machines, by the event that their command would have become. */
const COMMANDS: Readonly<Record<string, string>> = {
  Activity: 'ActivityTaskScheduled',
  Timer: 'TimerStarted',
  CancelTimer: 'TimerCanceled',
  UpsertWorkflowSearchAttributes: 'UpsertWorkflowSearchAttributes',
  UpsertSearchAttributes: 'UpsertWorkflowSearchAttributes',
  Update: 'WorkflowExecutionUpdateAccepted or Completed',
  Patch: 'MarkerRecorded',
  CompleteWorkflow: 'WorkflowExecutionCompleted',
  FailWorkflow: 'WorkflowExecutionFailed',
  CancelWorkflow: 'WorkflowExecutionCanceled',
  ContinueAsNewWorkflow: 'WorkflowExecutionContinuedAsNew',
  ChildWorkflow: 'StartChildWorkflowExecutionInitiated',
  SignalExternal: 'SignalExternalWorkflowExecutionInitiated',
  CancelExternal: 'RequestCancelExternalWorkflowExecutionInitiated',
};
