/** Where a turn may move to its next activity: between two calls, and never before its attempt has run one. */
import type { NewEvent } from '../../domain/events/new-event.ts';

export interface Boundary {
  /** Calls that started, and results. */
  follow(events: readonly NewEvent[]): void;
  /** Nothing runs whose result would be unknown, and this attempt has brought something. */
  isHere(): boolean;
  /** Whether it comes within this time (ms): a harness asks for the next call before the result of the last one is in the log. */
  within(ms: number): Promise<boolean>;
}

export function createBoundary(): Boundary {
  const running = new Set<unknown>();
  let has_run = false;
  const waiting = new Set<() => void>();
  const isHere = () => has_run && running.size === 0;
  return {
    follow(events) {
      for (const { type, data } of events) {
        if (type === 'agent.tool_use') running.add(data['tool_use_id']);
        if (type === 'agent.tool_result') has_run = running.delete(data['tool_use_id']) || has_run;
      }
      if (isHere()) for (const tell of waiting) tell();
    },
    isHere,
    async within(ms) {
      if (isHere() || running.size === 0) return isHere();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      const timer = setTimeout(resolve, ms);
      await promise;
      clearTimeout(timer);
      waiting.delete(resolve);
      return isHere();
    },
  };
}
