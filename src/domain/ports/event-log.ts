/** The event store as its users see it. Implemented in src/store, on SQLite and on Postgres. Types only. */
import type { Envelope } from '../events/envelope.ts';
import type { NewEvent } from '../events/new-event.ts';

export interface Appended {
  /** seq of the first and last event of this append. */
  readonly first_seq: number;
  readonly head_seq: number;
  readonly head_hash: string;
}

export interface EventLog {
  /**
   * Appends in one transaction. `epoch` null is the machine's outbox (one writer by construction); a number is a lease's fencing number.
   * A known `key` with the same content answers what it answered; with other content `store_key_conflict`. A stale epoch: `store_stale_epoch`. Nothing is written then.
   */
  append(log_id: string, epoch: number | null, key: string, events: readonly NewEvent[]): Promise<Appended>;
  /** Events with seq > after, in order; or those with seq < before, the last one first. Blob references expanded. `types` filters. */
  read(
    log_id: string,
    options: ({ readonly after: number } | { readonly before: number }) & {
      readonly limit: number;
      readonly types?: readonly string[];
    },
  ): Promise<readonly Envelope[]>;
  head(log_id: string): Promise<{ readonly seq: number; readonly hash: string }>;
  /** Walks the chain; the first break, or null. */
  verify(log_id: string): Promise<{ readonly seq: number; readonly problem: string } | null>;
  /** Calls back after every append to this log by any process, until aborted; only says that something is there. */
  watch(log_id: string, wake: () => void, signal: AbortSignal): void;
  /** A wake-up that came over the wire: watchers of this log look at once. */
  poke(log_id: string): void;
}

export interface Blobs {
  /** Keeps bytes; the same bytes give the same reference. */
  put(bytes: Uint8Array | string): Promise<{ readonly $blob: string; readonly bytes: number }>;
  /** `store_unavailable` when it is gone. */
  get(ref: { readonly $blob: string }): Promise<Uint8Array>;
  text(ref: { readonly $blob: string }): Promise<string>;
}
