/** Thirty sandboxes with thirty policies at once in one worker: nobody's answer, grant or judgement reaches another session. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patiently } from '../../src/cli/watch/patient.ts';
import { startModelServer, type ModelServer } from '../../src/demo/model-server/server.ts';
import type { Rule } from '../../src/domain/policy/schema.ts';
import { requestsOf, storyOf } from '../support/claude-room.ts';
import { scripted, shell, startSession, type TestSession } from '../support/session.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { until } from '../support/until.ts';

const SESSIONS = 30;
/** These drive the real Claude Code, so the model's endpoint is theirs too. */
const CLAUDE = new Set([4, 13, 22]);
const WORDS = ['one', 'two', 'three'] as const;
const EFFECTS = ['allow', 'deny', 'ask'] as const;
/** Each of the six ways to judge three commands, in turn: what one session may do, its neighbour may not. */
const WAYS = EFFECTS.flatMap((a) => EFFECTS.flatMap((b) => EFFECTS.flatMap((c) => [[a, b, c] as const]))).filter(
  (way) => new Set(way).size === 3,
);
const ANSWERS = ['allow_once', 'deny', 'allow_session', 'deny', 'allow_once'] as const;

/** What one session is told to do, and what must come of it. */
function caseOf(n: number) {
  const way = WAYS[n % WAYS.length] as (typeof WAYS)[number];
  const answer = ANSWERS[n % ANSWERS.length] as (typeof ANSWERS)[number];
  const effectOf = (word: (typeof WORDS)[number]) => way[WORDS.indexOf(word)] as (typeof EFFECTS)[number];
  const asked = WORDS[way.indexOf('ask')] as (typeof WORDS)[number];
  const rules = WORDS.map((word): Rule => ({
    name: `${effectOf(word)}-${word}-of-${n}`,
    ...{ on: 'shell.exec', commands: [`echo ${word}`], effect: effectOf(word) },
    reason: `The policy of session ${n}.`,
  }));
  // what is asked about comes twice: only a grant of its own covers the second time
  const calls = [...WORDS, asked].map((word) => `echo ${word} ${n} | tee -a effects.txt`);
  const runs = (word: (typeof WORDS)[number]) =>
    effectOf(word) === 'allow' || (effectOf(word) === 'ask' && answer !== 'deny');
  return {
    ...{ n, rules, calls, answer, asked },
    effects: [...WORDS.filter(runs), ...(answer === 'deny' ? [] : [asked])].map((word) => `${word} ${n}`),
    questions: answer === 'allow_session' ? 1 : 2,
  };
}
type Case = ReturnType<typeof caseOf>;

describe('thirty sandboxes with thirty policies at once', () => {
  let room: Room;
  let model: ModelServer;
  beforeAll(async () => {
    model = await startModelServer();
    const own = { ANTHROPIC_API_KEY: 'sk-scripted', ANTHROPIC_BASE_URL: model.url };
    room = openRoom({ ...own, TACK_SLOTS: String(SESSIONS + 2), TACK_GRACE_S: '900' });
    await room.up();
  });
  afterAll(async () => {
    await room?.close();
    await model?.close();
  });

  const cases = Array.from({ length: SESSIONS }, (_, n) => caseOf(n));

  it('gives each its own judgements and answers, and no session another one’s', { timeout: 900_000 }, async () => {
    const began = performance.now();
    const started = await Promise.all(cases.map((one) => start(one)));
    const first = await Promise.all(started.map(({ session }) => session.question(1)));
    expect(new Set(first.map(({ id }) => id)).size).toBe(SESSIONS);
    const worker = (await room.status()).roles.find(({ role }) => role === 'worker')?.pid;

    await Promise.all(started.map(({ session, one }, n) => answer(one, session, first[n])));
    await Promise.all(
      started.map(async ({ session, one }) => one.questions > 1 && answer(one, session, await session.question(2))),
    );
    const ends = await Promise.all(started.map(({ session }) => session.ended()));
    expect(ends.map(({ type }) => type)).toEqual(cases.map(() => 'turn.completed'));
    console.log(
      `${SESSIONS} sandboxes with ${SESSIONS} policies: ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );

    expect((await room.status()).roles.find(({ role }) => role === 'worker')?.pid).toBe(worker);
    expect(started.map(({ session }) => effectsOf(session.id))).toEqual(cases.map(({ effects }) => effects));
    for (const { session, one, run } of started) await expectItsOwn(session, one, run);
    expect(model.strays()).toEqual([]);
  });

  async function start(one: Case) {
    const end = { say: `Session ${one.n} is over.` };
    if (!CLAUDE.has(one.n)) {
      const agent = scripted([...one.calls.map(shell), end], one.rules);
      return { one, run: null, session: await startSession(room, agent) };
    }
    const { run, prompt } = storyOf([...one.calls, end]);
    const agent = { name: 'claude', harness: 'claude-code' as const, policies: { rules: one.rules } };
    return { one, run, session: await startSession(room, agent, prompt) };
  }

  async function answer(one: Case, { id: session_id }: TestSession, question?: { id: string; digest: string }) {
    const { id, digest } = question ?? { id: '', digest: '' };
    const shown = await room.client().approvals.show({ approval_id: id });
    expect(shown).toMatchObject({ session_id, status: 'pending' });
    const pattern = { on: 'shell.exec', commands: [`echo ${one.asked}`, 'tee'] }; // a redirection is covered by no pattern
    const body = {
      ...{ digest, decision: one.answer },
      ...(one.answer === 'allow_session' && { pattern }),
      ...(one.answer === 'deny' && { message: `No, said for session ${one.n}.` }),
    };
    await patiently((options) => room.client().approvals.decide({ approval_id: id, body }, options), {
      within_ms: 120_000,
    });
  }

  /** The log of a session speaks of its own rules, questions and grants only; so does what its model was told. */
  async function expectItsOwn(session: TestSession, one: Case, run: string | null) {
    const log = await session.log();
    const numbers = [...JSON.stringify(log).matchAll(/-of-(\d+)|policy of session (\d+)|said for session (\d+)/g)];
    expect(new Set(numbers.map(([, a, b, c]) => Number(a ?? b ?? c)))).toEqual(new Set([one.n]));
    expect(log.filter(({ type }) => type === 'approval.requested')).toHaveLength(one.questions);
    const granted = log.filter(({ type }) => type === 'grant.created').length;
    const used = log.filter(({ type }) => type === 'grant.used').length;
    expect([one.n, granted, used]).toEqual([
      one.n,
      { allow_once: 2, allow_session: 1, deny: 0 }[one.answer],
      one.answer === 'deny' ? 0 : 2,
    ]);
    expect(await session.words()).toContain(`Session ${one.n} is over.`);
    if (run === null) return;
    const requests = await until('what its model was asked', () => {
      const found = requestsOf(model, run);
      return found.length > 0 ? found : undefined;
    });
    const told = JSON.stringify(requests.map(({ results }) => results));
    const others = cases.filter(({ n }) => n !== one.n).map(({ n }) => `session ${n}.`);
    expect(others.filter((words) => told.includes(words))).toEqual([]);
    expect(told).toContain(`policy of session ${one.n}.`);
  }

  function effectsOf(id: string): readonly string[] {
    const file = join(room.workOf(id), 'effects.txt');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }
});
