/**
 * The wait: what nobody answers in time leaves no process, outlives every role, and goes on with the answer, once.
 * The real Claude Code; what ran stands in a file, what lives is what the process list says.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rule } from '../../src/domain/policy/schema.ts';
import { leaves, openClaudeRoom, play, type ClaudeRoom, type PlayedSession } from '../support/claude-room.ts';
import { processesOf } from '../support/processes.ts';
import { RESTARTS, restartEverything, type Restart } from '../support/restarts.ts';
import { record, rounds } from '../support/rounds.ts';
import { asks } from '../support/session.ts';
import { answerAtLast, SURFACES, type Surface } from '../support/surfaces.ts';
import { until } from '../support/until.ts';

let here: ClaudeRoom;
beforeAll(async () => void (here = await openClaudeRoom()));
afterAll(() => here?.close());

const WHEN = ['after', 'during', 'before'] as const;
const CALLS = ['one call', 'two calls at once', 'one call after the other'] as const;

interface Round {
  readonly round: number;
  readonly who: Surface;
  readonly when: (typeof WHEN)[number];
  readonly restart: Restart;
  readonly calls: (typeof CALLS)[number];
  readonly queued: boolean;
}

/** Any two properties but one pair meet in every way within nine rounds. */
const ROUNDS = Array.from({ length: rounds(20) }, (_, round): Round => {
  const [a, b, c] = [round % 3, Math.floor(round / 3) % 3, Math.floor(round / 9)];
  return {
    round,
    who: SURFACES[a]!,
    when: WHEN[(a + b) % 3]!,
    restart: RESTARTS[(a + 2 * b + c) % 3]!,
    calls: CALLS[(2 * a + b + c) % 3]!,
    queued: round % 2 === 1,
  };
});

describe('what nobody answers within the grace', () => {
  it.each(ROUNDS)(
    'leaves no process; everything is restarted ($restart), $who answers $when it, and $calls ran once (queued: $queued)',
    async (round) => {
      const { room, model } = here;
      const { who, when, restart, calls, queued } = round;
      const gate = `gate-${crypto.randomUUID()}`;
      model.release(gate);
      const session = await play(here, { steps: stepsOf(calls, gate), rules: rulesFor(calls) });
      const asked = await questions(session, calls === 'two calls at once' ? 2 : 1);
      expect(processesOf(session.id).some(({ command }) => command.includes('claude'))).toBe(true); // the oracle sees it
      await session.logged('turn.suspended');
      expect(processesOf(session.id)).toEqual([]);
      const later = queued ? await session.say(`Then. [[shell ${JSON.stringify({ cmd: leaves('queued') })}]]`) : null;

      const answer = (n: number) =>
        answerAtLast(who, room, { session_id: session.id, decision: 'allow_once', ...asked[n]! });
      if (when !== 'after') model.shut(gate); // also a harness that is back already does not call again yet
      if (when === 'before') await answer(0);
      if (when === 'before' && asked.length === 1) await model.reached(gate, 2);
      await Promise.all([restartEverything(room, restart), when === 'during' && answer(0)]);
      if (when === 'after') expect(processesOf(session.id)).toEqual([]);
      expect(ran(session)).toEqual([]);
      model.release(gate);
      const free_at = performance.now();
      if (when === 'after') await answer(0);
      if (asked.length === 2) await answer(1);
      await until('the call', () => ran(session).includes('asked 1'), 90_000);
      const go_on_ms = Math.round(performance.now() - free_at);
      if (calls === 'one call after the other') {
        asked.push(await session.question(2));
        await answer(1);
      }

      expect((await session.ended()).type).toBe('turn.completed');
      if (later) expect((await session.ended(later)).type).toBe('turn.completed');
      const all = ['asked 1', ...(asked.length === 2 ? ['asked 2'] : []), 'last', ...(later ? ['queued'] : [])];
      expect(ran(session).toSorted()).toEqual(all.toSorted());
      await assertAnswered(session, asked, who);
      await until('no process', () => processesOf(session.id).length === 0);
      record('wait', { ...round, queued: queued ? 'yes' : 'no', go_on_ms });
      if (when === 'after') record('go on', { state: 'everything restarted', round: round.round, who, go_on_ms });
    },
  );
});

const MAKE_FILES = 'for n in 1 2; do printf "asked $n" > asked-$n.txt; done';

/** Claude Code runs one writing command at a time; what only reads it wants all at once. */
function stepsOf(calls: Round['calls'], gate: string): readonly unknown[] {
  const read = (name: string) => ({ name: 'Read', input: { file_path: `/home/agent/work/${name}` } });
  const steps = {
    'one call': [{ calls: [leaves('asked 1')], gate }],
    'two calls at once': [MAKE_FILES, { calls: [read('asked-1.txt'), read('asked-2.txt')], gate }],
    'one call after the other': [{ calls: [leaves('asked 1')], gate }, leaves('asked 2')],
  };
  return [...steps[calls], leaves('last')];
}

/** Two questions at once need the time until the second one is put. */
const rulesFor = (calls: Round['calls']): readonly Rule[] => {
  const grace_s = calls === 'two calls at once' ? 4 : 1;
  const reads = { name: 'reads-too', on: 'file.read', paths: ['asked-*.txt'], reason: 'It is read.' };
  return [asks('echo asked', { grace_s }), { ...reads, effect: 'ask', grace_s }];
};

/** What was run, once for each time: lines of the file, and what was read as the model heard it. */
const ran = (session: PlayedSession): readonly string[] => [
  ...session.effects(),
  ...Object.values(session.requests().at(-1)?.results ?? {}).flatMap((text) => /asked \d/.exec(text)?.[0] ?? []),
];

const questions = (session: PlayedSession, count: number) =>
  Promise.all(Array.from({ length: count }, (_, n) => session.question(n + 1)));

/** Each question was put once and decided once, by this surface, and each grant was used once. */
async function assertAnswered(
  session: PlayedSession,
  asked: readonly { readonly id: string }[],
  who: Surface,
): Promise<void> {
  const log = await session.log();
  const of = (type: string) => log.filter((event) => event.type === type);
  expect(of('approval.requested').filter(({ data }) => data['again'] !== true)).toHaveLength(asked.length);
  expect(of('approval.resolved').map(({ via, data }) => ({ via, id: data['approval_id'] }))).toEqual(
    asked.map(({ id }) => ({ via: who, id })),
  );
  expect(
    of('grant.used')
      .map(({ data }) => data['approval_id'])
      .toSorted(),
  ).toEqual(asked.map(({ id }) => id).toSorted());
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, n) => n + 1));
}
