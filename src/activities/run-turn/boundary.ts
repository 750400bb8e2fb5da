/** Where a turn may move to its next activity: between two calls, and never before its attempt has run one. */
import type { NewEvent } from '../../domain/events/new-event.ts';

export interface Boundary {
  /** Calls that started, and results. */
  follow(events: readonly NewEvent[]): void;
  /** Nothing runs whose result would be unknown, and this attempt has brought something. */
  isHere(): boolean;
}

export function createBoundary(): Boundary {
  const running = new Set<unknown>();
  let has_run = false;
  return {
    follow(events) {
      for (const { type, data } of events) {
        if (type === 'agent.tool_use') running.add(data['tool_use_id']);
        if (type === 'agent.tool_result') has_run = running.delete(data['tool_use_id']) || has_run;
      }
    },
    isHere: () => has_run && running.size === 0,
  };
}
