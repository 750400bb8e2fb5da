/** A client that knows that roles die here: it tries again under the same key until it is answered. */
import { isTackError, type ErrorCode } from '../../../src/domain/errors.ts';
import type { Envelope } from '../../../src/domain/events/envelope.ts';
import type { Client } from '../../../src/api/contract/client.ts';
import type { CallOptions } from '../../../src/api/contract/client-type.ts';
import type { Room } from '../../support/tackroom.ts';

const PASSING: readonly ErrorCode[] = ['server_unreachable', 'engine_unavailable', 'session_rolling', 'session_stuck'];
const WITHIN_MS = 180_000;

/** Throws a refusal at once; what is only away (no server, no address of one) is waited for. */
export async function insist<T>(room: Room, call: (client: Client, options: CallOptions) => Promise<T>): Promise<T> {
  const options = { idempotency_key: crypto.randomUUID() };
  const deadline = performance.now() + WITHIN_MS;
  for (;;)
    try {
      return await call(room.client(), options);
    } catch (error) {
      if ((isTackError(error) && !PASSING.includes(error.code)) || performance.now() > deadline) throw error;
      await pause(250);
    }
}

export async function logOf(room: Room, session_id: string): Promise<readonly Envelope[]> {
  const all: Envelope[] = [];
  for (;;) {
    const after = all.at(-1)?.seq ?? 0;
    const { data, has_more } = await insist(room, (client) =>
      client.sessions.events({ session_id, after, limit: 500 }),
    );
    all.push(...data);
    if (!has_more) return all;
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks again and again; a soak is patient. */
export async function eventually<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > deadline) throw new Error(`Waited ${WITHIN_MS / 1000} s in vain for: ${what}`);
    await pause(200);
  }
}
