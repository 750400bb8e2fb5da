/** Makes envelopes of what producers mean: the next places of the log, chained to its head. */
import type { Sha256 } from '../../domain/canonical.ts';
import { bodyOf, hashOf } from '../../domain/events/chain.ts';
import type { Envelope } from '../../domain/events/envelope.ts';
import type { NewEvent } from '../../domain/events/new-event.ts';
import { newId } from '../../domain/ids.ts';

export interface Head {
  readonly seq: number;
  readonly hash: string;
}
export interface Stamped {
  readonly envelope: Envelope;
  /** What was hashed. */
  readonly body: string;
}
export interface StampParts {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly sha256: Sha256;
}

/** `events` as they are kept: with references in place of large fields. */
export function stamp(
  { clock, random, sha256 }: StampParts,
  { log_id, head }: { readonly log_id: string; readonly head: Head },
  events: readonly NewEvent[],
): readonly Stamped[] {
  const now = clock();
  const created_at = new Date(now).toISOString();
  let { seq, hash: prev_hash } = head;
  return events.map(({ type, turn_id, actor, via, data }) => {
    const unsealed = {
      id: newId('event', now, random(10)),
      seq: (seq += 1),
      type,
      session_id: log_id,
      turn_id,
      run_id: null,
      parent_session_id: null,
      actor,
      via,
      created_at,
      traceparent: null,
      prev_hash,
      data,
    };
    const body = bodyOf(unsealed);
    const hash = hashOf(prev_hash, body, sha256);
    prev_hash = hash;
    return { envelope: { ...unsealed, hash }, body };
  });
}
