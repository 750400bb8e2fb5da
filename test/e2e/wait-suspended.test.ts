/** An ask that outlasted its harness: answered as it is put away and afterwards, refused, stopped, never answered. The real Claude Code. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaves, openClaudeRoom, play, type ClaudeRoom, type PlayedSession } from '../support/claude-room.ts';
import { processesOf } from '../support/processes.ts';
import { restartEverything } from '../support/restarts.ts';
import { record, rounds } from '../support/rounds.ts';
import { asks } from '../support/session.ts';
import { answerBy, SURFACES } from '../support/surfaces.ts';
import { until } from '../support/until.ts';

const LONG_MS = 900_000;

let here: ClaudeRoom;
beforeAll(async () => void (here = await openClaudeRoom()));
afterAll(() => here?.close());

const impatient = [asks('echo asked', { grace_s: 1 })];
const of = async (session: PlayedSession, type: string) => (await session.log()).filter((event) => event.type === type);

describe('an answer to a suspended turn', () => {
  it('starts its harness again, whoever answers', { timeout: LONG_MS }, async () => {
    const asked = Array.from({ length: rounds(20) }, (_, round) => `asked ${round}`);
    const session = await play(here, { steps: asked.map(leaves), rules: impatient });
    for (const [round, line] of asked.entries()) {
      const who = SURFACES[round % SURFACES.length]!;
      const question = await session.question(round + 1);
      await session.logged('turn.suspended', round + 1);
      expect(processesOf(session.id)).toEqual([]);
      const sent_at = performance.now();
      await answerBy(who, here.room, { session_id: session.id, decision: 'allow_once', ...question });
      const answer_ms = Math.round(performance.now() - sent_at);
      await until('the call', () => session.effects().includes(line));
      record('go on', { state: 'suspended', round, who, answer_ms, go_on_ms: Math.round(performance.now() - sent_at) });
    }
    expect((await session.ended()).type).toBe('turn.completed');
    expect(session.effects()).toEqual(asked);
  });

  it('that comes exactly while it is being suspended counts, once', { timeout: LONG_MS }, async () => {
    const asked = Array.from({ length: rounds(20) }, (_, round) => `asked ${round}`);
    const session = await play(here, { steps: asked.map(leaves), rules: impatient });
    let amid = 0;
    for (const [round, line] of asked.entries()) {
      const question = await session.question(round + 1);
      const living = processesOf(session.id).map(({ pid }) => pid);
      expect(living).not.toEqual([]);
      await until('the end of its processes', () => !processesOf(session.id).some(({ pid }) => living.includes(pid)));
      await answerBy('api', here.room, { session_id: session.id, decision: 'allow_once', ...question });
      await until('the call', () => session.effects().includes(line));
      const resolved = await session.logged('approval.resolved', round + 1);
      const suspended = await session.logged('turn.suspended', round + 1);
      if (resolved.seq < suspended.seq) amid++;
    }
    expect((await session.ended()).type).toBe('turn.completed');
    expect(session.effects()).toEqual(asked);
    expect(amid).toBeGreaterThan(0); // the moment was met
    record('answered while being suspended', { asked: asked.length, amid });
  });

  it.each(SURFACES)('refuses by %s, after a restart of everything: the model is told the words', async (who) => {
    const message = `Not on a Friday, ${crypto.randomUUID()}.`;
    const session = await play(here, { steps: [leaves('asked'), leaves('last')], rules: impatient });
    const question = await session.question();
    await session.logged('turn.suspended');
    await restartEverything(here.room, 'all killed at once');
    await answerBy(who, here.room, { session_id: session.id, decision: 'deny', message, ...question });
    expect((await session.ended()).type).toBe('turn.completed');
    expect(session.effects()).toEqual(['last']);
    const [, next] = session.requests();
    expect(next?.last).toMatch(new RegExp(`Your call \`${leaves('asked')}\` was refused by \\w+: ${message}`));
    expect(await of(session, 'approval.requested')).toHaveLength(1);
  });

  it('stops the turn without starting anything, and the session takes the next prompt', async () => {
    const session = await play(here, { steps: [leaves('asked')], rules: impatient });
    const question = await session.question();
    await session.logged('turn.suspended');
    await answerBy('cli', here.room, { session_id: session.id, decision: 'deny_and_stop', ...question });
    expect((await session.ended()).type).toBe('turn.cancelled');
    const next = await session.say(`Go. [[shell ${JSON.stringify({ cmd: leaves('next') })}]]`);
    expect((await session.ended(next)).type).toBe('turn.completed');
    expect(session.effects()).toEqual(['next']);
    expect(session.requests()).toHaveLength(1);
  });

  it('to a question is told to Claude Code when it goes on', async () => {
    const question = { question: 'Which color?', header: 'Color', multiSelect: false };
    const options = ['red', 'blue'].map((label) => ({ label, description: `It is ${label}.` }));
    const ask = { calls: [{ name: 'AskUserQuestion', input: { questions: [{ ...question, options }] } }] };
    const rule = { name: 'soon', on: 'question.ask', effect: 'ask' as const, reason: 'It is a question.', grace_s: 1 };
    const session = await play(here, { steps: [ask, leaves('last')], rules: [rule] });
    const { id } = await session.question();
    await session.logged('turn.suspended');
    expect((await here.room.tack(['answer', id, 'blue'])).code).toBe(0);
    expect((await session.ended()).type).toBe('turn.completed');
    expect(session.requests()[1]?.last).toMatch(/Your call `AskUserQuestion` was answered by \w+: .*blue/);
    expect(await of(session, 'approval.requested')).toHaveLength(1);
    expect(session.effects()).toEqual(['last']);
  });
});

describe('an ask that nobody answers until it expires', () => {
  it.each([
    ['after the grace', { grace_s: 1, expires_in_s: 3 }],
    ['within the grace', { expires_in_s: 2 }],
  ])('%s, pauses the session; asked again and answered, it completes', async (_when, times) => {
    const session = await play(here, { steps: [leaves('asked')], rules: [asks('echo asked', times)] });
    const question = await session.question();
    expect((await session.logged('approval.resolved')).data).toMatchObject({ outcome: 'expired' });
    expect(await here.room.client().sessions.show({ session_id: session.id })).toMatchObject({ status: 'paused' });
    expect(processesOf(session.id)).toEqual([]);
    const late = { digest: question.digest, decision: 'allow_once' };
    expect(await here.room.api('POST', `/v1/approvals/${question.id}/decision`, late)).toMatchObject({
      status: 410,
      body: { code: 'approval_expired' },
    });
    const refused = await here.room.tack(['approve', question.id]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(`tack approve ${question.id} --again`);
    expect(session.effects()).toEqual([]);
    expect((await here.room.tack(['approve', question.id, '--again'])).code).toBe(0);
    expect((await session.ended()).type).toBe('turn.completed');
    expect(session.effects()).toEqual(['asked']);
    const asked = await of(session, 'approval.requested');
    expect(asked.map(({ data }) => data['replaces'] ?? null)).toEqual([null, question.id]);
  });

  it('is denied where its rule says so, and the model is told why', async () => {
    const rule = asks('echo asked', { grace_s: 1, expires_in_s: 3, on_expiry: 'deny' });
    const session = await play(here, { steps: [leaves('asked'), leaves('last')], rules: [rule] });
    expect((await session.ended()).type).toBe('turn.completed');
    expect(session.effects()).toEqual(['last']);
    const [resolved] = await of(session, 'approval.resolved');
    expect(resolved).toMatchObject({ actor: { type: 'policy' }, data: { decision: 'deny', reason: 'expired' } });
    expect(session.requests()[1]?.last).toContain(`Your call \`${leaves('asked')}\` was refused`);
  });
});
