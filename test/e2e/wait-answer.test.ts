/** An ask while its harness waits: answered on every surface, refused with words, answered by two at once, for longer, by an answer. The real Claude Code. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as headStart } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Envelope } from '../../src/domain/events/envelope.ts';
import { leaves, openClaudeRoom, play, type ClaudeRoom } from '../support/claude-room.ts';
import { processesOf } from '../support/processes.ts';
import { record, rounds } from '../support/rounds.ts';
import { asks } from '../support/session.ts';
import { answerBy, SURFACES, type Heard, type Surface } from '../support/surfaces.ts';
import { until } from '../support/until.ts';

let here: ClaudeRoom;
beforeAll(async () => void (here = await openClaudeRoom()));
afterAll(() => here?.close());

const careful = [asks('echo asked')];
const signalled = (session_id: string, body: unknown) =>
  here.room.temporal(
    ...['workflow', 'signal', '--workflow-id', `session/${session_id}`],
    ...['--name', 'decide_approval', '--input', JSON.stringify(body)],
  );

describe('an ask that is answered while the harness waits', () => {
  it('goes on, whoever answers', { timeout: 900_000 }, async () => {
    const asked = Array.from({ length: rounds(20) }, (_, round) => `asked ${round}`);
    const session = await play(here, { steps: asked.map(leaves), rules: careful });
    for (const [round, line] of asked.entries()) {
      const who = SURFACES[round % SURFACES.length]!;
      const question = await session.question(round + 1);
      expect(session.effects()).toEqual(asked.slice(0, round));
      const sent_at = performance.now();
      await answerBy(who, here.room, { session_id: session.id, decision: 'allow_once', ...question });
      const answer_ms = Math.round(performance.now() - sent_at);
      await until('the call', () => session.effects().includes(line));
      record('go on', { state: 'held', round, who, answer_ms, go_on_ms: Math.round(performance.now() - sent_at) });
    }
    expect((await session.ended()).type).toBe('turn.completed');
    expect(session.effects()).toEqual(asked);
    const resolved = (await session.log()).filter(({ type }) => type === 'approval.resolved');
    expect(resolved.map(({ via }) => via)).toEqual(asked.map((_, round) => SURFACES[round % SURFACES.length]));
    expect((await session.log()).some(({ type }) => type === 'turn.suspended')).toBe(false);
  });

  it.each(SURFACES)('is refused by %s, and the next request of the model has the words', async (who) => {
    const message = `Use the staging database, says ${crypto.randomUUID()}.`;
    const session = await play(here, { steps: [leaves('asked'), leaves('last')], rules: careful });
    const question = await session.question();
    await answerBy(who, here.room, { session_id: session.id, decision: 'deny', message, ...question });
    expect((await session.ended()).type).toBe('turn.completed');
    expect(session.effects()).toEqual(['last']);
    const [first, next] = session.requests();
    expect(next?.results[first?.calls[0]?.id ?? '']).toContain(message);
  });

  it('is refused and the turn stopped: nothing ran, nothing runs, and the session takes the next prompt', async () => {
    const session = await play(here, { steps: [leaves('asked'), leaves('last')], rules: careful });
    const question = await session.question();
    await answerBy('cli', here.room, { session_id: session.id, decision: 'deny_and_stop', ...question });
    expect((await session.ended()).type).toBe('turn.cancelled');
    expect(processesOf(session.id)).toEqual([]);
    expect(session.requests()).toHaveLength(1);
    const next = await session.say(`Go. [[shell ${JSON.stringify({ cmd: leaves('next') })}]]`);
    expect((await session.ended(next)).type).toBe('turn.completed');
    expect(session.effects()).toEqual(['next']);
  });
});

/** REST against itself too: two people with the same page open. */
const PAIRS = [
  ['api', 'cli'],
  ['api', 'signal'],
  ['cli', 'signal'],
  ['api', 'api'],
  ['cli', 'cli'],
  ['signal', 'signal'],
] as const;

describe('two answers at once', () => {
  it(
    'are one answer: the first one wins, and the other is told who, on each surface',
    { timeout: 900_000 },
    async () => {
      const races = PAIRS.flatMap((pair) => Array.from({ length: rounds(20) }, (_, round) => ({ pair, round })));
      const lines = races.map((_, n) => `asked ${n}`);
      const session = await play(here, { steps: lines.map(leaves), rules: careful });
      const allowed: string[] = [];
      for (const [n, { pair, round }] of races.entries()) {
        const question = await session.question(n + 1);
        const before = (await session.log()).length;
        const start_ms = pair[0] === pair[1] ? 0 : (round % 4) * 150; // a command needs its time to start: each should win now and then
        const say = async (who: Surface, nth: number): Promise<Heard> => {
          if (nth === 0) await headStart(start_ms);
          const decision = nth === 0 ? 'allow_once' : 'deny';
          return answerBy(who, here.room, { session_id: session.id, decision, ...question });
        };
        const heard = await Promise.all(pair.map(say));
        const resolved = await session.logged('approval.resolved', n + 1);
        const isAllowed = resolved.data['decision'] === 'allow_once';
        const [winner, loser] = isAllowed ? [0, 1] : [1, 0];
        expect([resolved.via, resolved.data['approval_id']]).toEqual([pair[winner], question.id]);
        expect(heard[winner]?.won).toBe(pair[winner] === 'signal' ? null : true);
        const told = await toldTo(pair[loser]!, heard[loser]!, async () => (await session.log()).slice(before));
        expect(told).toContain(`by ${resolved.actor.id} via ${resolved.via}`);
        if (isAllowed) allowed.push(lines[n]!);
        record('two answers at once', {
          round,
          who: pair.join(' and '),
          won: `${pair[winner]}, the ${isAllowed ? 'first' : 'second'}`,
        });
      }
      expect((await session.ended()).type).toBe('turn.completed');
      expect(session.effects()).toEqual(allowed);
      const log = await session.log();
      expect(log.filter(({ type }) => type === 'approval.resolved')).toHaveLength(races.length);
    },
  );

  /** Who sends a signal has no other place to look than the log. */
  async function toldTo(who: Surface, { won, words }: Heard, log: () => Promise<readonly Envelope[]>): Promise<string> {
    if (who !== 'signal') {
      expect(won).toBe(false);
      return words;
    }
    const refused = await until('the refusal of the signal', async () =>
      (await log()).find(({ type, via }) => type === 'error.raised' && via === 'signal'),
    );
    expect(refused.data).toMatchObject({ code: 'approval_already_resolved' });
    return String(refused.data['message']);
  }
});

describe('a decision', () => {
  it('without the digest that was shown is refused on every surface, and nothing runs', async () => {
    const session = await play(here, { steps: [leaves('asked')], rules: careful });
    const { id, digest } = await session.question();
    const wrong = digest.replaceAll(/./g, (letter) => (letter === 'a' ? 'b' : 'a'));
    const decide = (body: unknown) => here.room.api('POST', `/v1/approvals/${id}/decision`, body);
    expect(await decide({ decision: 'allow_once' })).toMatchObject({ status: 422, body: { code: 'request_invalid' } });
    expect(await decide({ decision: 'allow_once', digest: wrong })).toMatchObject({
      status: 409,
      body: { code: 'digest_mismatch' },
    });
    await signalled(session.id, { approval_id: id, decision: 'allow_once' });
    await signalled(session.id, { approval_id: id, decision: 'allow_once', digest: wrong });
    await session.logged('error.raised', 2);
    const raised = (await session.log()).filter(({ type }) => type === 'error.raised');
    expect(raised.map(({ data }) => data['code'])).toEqual(['decision_invalid', 'digest_mismatch']);
    expect(await here.room.client().approvals.show({ approval_id: id })).toMatchObject({ status: 'pending' });
    expect(session.effects()).toEqual([]);
    await signalled(session.id, { approval_id: id, decision: 'allow_once', digest }); // the control
    expect((await session.ended()).type).toBe('turn.completed');
    expect(session.effects()).toEqual(['asked']);
  });

  it('for the session covers what its shown pattern says, in the next turn too, and asks about the rest', async () => {
    const rules = [{ ...asks('git init'), commands: ['git init', 'touch'] }];
    const session = await play(here, { steps: ['git init -q one', 'git init -q two', 'touch three'], rules });
    const { id } = await session.question();
    const shown = await here.room.client().approvals.show({ approval_id: id });
    const { pattern } = shown.options.find(({ decision }) => decision === 'allow_session') ?? {};
    const { code, stdout, stderr } = await here.room.tack(['approve', id, '--session', '--yes']);
    expect([code, stderr]).toEqual([0, expect.stringContaining(pattern?.commands?.join() ?? 'a pattern')]);
    expect(stdout).toContain('Allowed in this session');
    const other = await session.question(2);
    const made = () =>
      ['one', 'two', 'three', 'four'].map((name) => existsSync(join(here.room.workOf(session.id), name)));
    expect(made()).toEqual([true, true, false, false]);
    await answerBy('api', here.room, { session_id: session.id, decision: 'deny', ...other });
    expect((await session.ended()).type).toBe('turn.completed');
    const next = await session.say('And. [[shell {"cmd":"git init -q four"}]]');
    expect((await session.ended(next)).type).toBe('turn.completed');
    expect(made()).toEqual([true, true, false, true]);
    const of = (type: string) => session.log().then((log) => log.filter((event) => event.type === type));
    expect(await of('approval.requested')).toHaveLength(2);
    expect(await of('grant.used')).toHaveLength(3);
  });
});

describe('a question of the agent', () => {
  const question = { question: 'Which color?', header: 'Color', multiSelect: false };
  const options = ['red', 'blue'].map((label) => ({ label, description: `It is ${label}.` }));
  const ask = { calls: [{ name: 'AskUserQuestion', input: { questions: [{ ...question, options }] } }] };

  it('is answered by `tack answer`, and Claude Code has it as what its tool said', async () => {
    const session = await play(here, { steps: [ask, leaves('last')], rules: [] });
    const { id } = await session.question();
    const allow = await here.room.tack(['approve', id]);
    expect(allow).toMatchObject({ code: expect.any(Number), stderr: expect.stringContaining('tack answer') });
    expect(allow.code).not.toBe(0);
    const { code, stdout } = await here.room.tack(['answer', id, 'b']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('Answered')]);
    expect((await session.ended()).type).toBe('turn.completed');
    const [first, next] = session.requests();
    expect(next?.results[first?.calls[0]?.id ?? '']).toContain('"Which color?"="blue"');
    expect(session.effects()).toEqual(['last']);
  });
});
