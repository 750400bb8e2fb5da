/** A session of a room, as a test drives it: over the API, waiting for what its log says. */
import { stringify } from 'yaml';
import type { z } from 'zod';
import type { Envelope } from '../../src/domain/events/envelope.ts';
import type { Rule } from '../../src/domain/policy/schema.ts';
import type { CreateSession } from '../../src/api/contract/session.ts';
import { patiently } from '../../src/cli/watch/patient.ts';
import type { Room } from './tackroom.ts';
import { until } from './until.ts';

/** An agent that plays these steps, or one list of steps a turn. */
export const scripted = (steps: unknown, rules: readonly Rule[] = []) => ({
  name: 'scripted',
  harness: 'scripted' as const,
  script: stringify(steps),
  ...(rules.length > 0 && { policies: { rules: [...rules] } }),
});

export const shell = (script: string) => ({ tool: { kind: 'shell.exec', script } });

/** Asks before any command that begins with these words. */
export const asks = (command: string, more: Partial<Rule> = {}): Rule => ({
  name: 'needs-a-person',
  on: 'shell.exec',
  commands: [command],
  effect: 'ask',
  reason: 'It cannot be taken back.',
  ...more,
});

export const text = (words: string) => [{ type: 'text' as const, text: words }];

export interface TestSession {
  readonly id: string;
  readonly turn_id: string;
  log(): Promise<readonly Envelope[]>;
  /** Resolves with the nth event of this type (from 1). */
  logged(type: string, nth?: number): Promise<Envelope>;
  /** Resolves with the event that ended this turn; the first one by default. */
  ended(turn_id?: string): Promise<Envelope>;
  say(words: string, delivery?: 'queue' | 'steer'): Promise<string>;
  /** What the agent said, in order. */
  words(): Promise<readonly string[]>;
  /** The approval that waits. */
  question(nth?: number): Promise<{ readonly id: string; readonly digest: string }>;
}

export async function startSession(
  room: Room,
  agent: z.input<typeof CreateSession>['agent'],
  words = 'go',
): Promise<TestSession> {
  const client = room.client();
  const body = { agent, input: text(words) };
  const { id, turn_id } = await patiently((options) => client.sessions.create({ body }, options), {
    within_ms: 120_000,
  });
  if (turn_id === null) throw new Error('The session has no turn.');
  return sessionIn(room, { id, turn_id });
}

/** One that runs already. */
export function sessionIn(room: Room, { id, turn_id }: Pick<TestSession, 'id' | 'turn_id'>): TestSession {
  const client = room.client();
  const log = async () => {
    const all: Envelope[] = [];
    for (;;) {
      const { data, has_more } = await client.sessions.events({ session_id: id, after: all.at(-1)?.seq ?? 0 });
      all.push(...data);
      if (!has_more) return all;
    }
  };
  const logged = (type: string, nth = 1) =>
    until(`${type} number ${nth} of ${id}`, async () => (await log()).filter((event) => event.type === type)[nth - 1]);
  return {
    id,
    turn_id,
    log,
    logged,
    ended: (turn = turn_id) =>
      until(`the end of ${turn}`, async () =>
        (await log()).find(({ type, turn_id: of }) => of === turn && /^turn\.(completed|failed|cancelled)$/.test(type)),
      ),
    say: async (said, delivery = 'queue') =>
      (await client.sessions.send({ session_id: id, body: { content: text(said), delivery } })).turn_id,
    words: async () =>
      (await log())
        .filter(({ type }) => type === 'agent.message')
        .map(({ data }) => (data['content'] as readonly { text: string }[]).map((part) => part.text).join('')),
    async question(nth = 1) {
      const { data } = await logged('approval.requested', nth);
      return data['approval'] as { id: string; digest: string };
    },
  };
}
