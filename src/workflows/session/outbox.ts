/** The machine's way into the log: one writer, in order, each batch under a key of its own. It never gives up. */
import { CancellationScope, condition } from '@temporalio/workflow';
import type { NewEvent } from '../../domain/events/new-event.ts';
import { pool } from './activities.ts';
import type { LogPosition } from './input.ts';

export interface Outbox {
  push(events: readonly NewEvent[]): void;
  isEmpty(): boolean;
  /** Resolves when everything pushed so far is in the log. */
  flushed(): Promise<void>;
  position(): LogPosition;
}

const BATCH = 100;

export function openOutbox(session_id: string, from: LogPosition = { written: 0, head: null }): Outbox {
  const waiting: NewEvent[] = [];
  let { written, head } = from;

  void CancellationScope.nonCancellable(async () => {
    for (;;) {
      await condition(() => waiting.length > 0);
      const events = waiting.slice(0, BATCH);
      ({ head } = await pool.appendEvents({ session_id, key: `machine/${written}`, events }));
      waiting.splice(0, events.length);
      written += events.length;
    }
  });

  return {
    push: (events) => void waiting.push(...events),
    isEmpty: () => waiting.length === 0,
    async flushed() {
      const target = written + waiting.length;
      await condition(() => written >= target);
    },
    position: () => ({ written, head }),
  };
}
