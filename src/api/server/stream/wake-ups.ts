/** Wake-ups of a log as something to wait for: one that came since the last look is not lost. */
import type { EventLog } from '../../../domain/ports/event-log.ts';

export interface WakeUps {
  /** Resolves when something may have been appended since the last call, or when aborted. */
  next(): Promise<void>;
  /** Whether `next` would resolve at once. */
  isDue(): boolean;
}

export function wakeUps(log: Pick<EventLog, 'watch'>, log_id: string, signal: AbortSignal): WakeUps {
  let due = false;
  let wake = (): void => {};
  const ring = (): void => {
    due = true;
    wake();
  };
  log.watch(log_id, ring, signal);
  signal.addEventListener('abort', () => wake());
  return {
    isDue: () => due,
    async next() {
      if (!due && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      due = false;
    },
  };
}
