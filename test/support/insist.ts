/** A client that knows that roles die here: it tries again under the same key until it is answered. */
import { setTimeout as pause } from 'node:timers/promises';
import { isTackError, type ErrorCode } from '../../src/domain/errors.ts';
import type { Client } from '../../src/api/contract/client.ts';
import type { CallOptions } from '../../src/api/contract/client-type.ts';
import type { Room } from './tackroom.ts';

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
