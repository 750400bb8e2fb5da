/** How a soak waits: roles die all the time, and it is patient. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Envelope } from '../../../src/domain/events/envelope.ts';
import { insist } from '../../support/insist.ts';
import type { Room } from '../../support/tackroom.ts';

const WITHIN_MS = 180_000;

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

/** Resolves with what it saw in the end. */
export async function eventually<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > deadline) throw new Error(`Waited ${WITHIN_MS / 1000} s in vain for: ${what}`);
    await pause(200);
  }
}
