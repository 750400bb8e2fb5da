/** A policy that is set on a session counts from the next call on, wherever the session stands; and it can only make it stricter. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rule } from '../../src/domain/policy/schema.ts';
import { asks, scripted, shell, startSession, type TestSession } from '../support/session.ts';
import { openRoom } from '../support/tackroom.ts';

const room = openRoom();
beforeAll(async () => void (await room.up()));
afterAll(() => room.close());

const DENIES: Rule = {
  name: 'frozen',
  on: 'shell.exec',
  commands: ['echo asked'],
  effect: 'deny',
  reason: 'The release is frozen.',
};
const ASKS_TOO: Rule = { ...DENIES, name: 'two-eyes', effect: 'ask', reason: 'A second look.', grace_s: 600 };

const call = shell('echo asked >> effects.txt');
const ran = (session: TestSession) => {
  const file = join(room.workOf(session.id), 'effects.txt');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};
const set = (session: TestSession, ...rules: readonly Rule[]) =>
  room.client().sessions.setPolicy({ session_id: session.id, body: { rules: [...rules] } });
const allow = ({ id, digest }: { readonly id: string; readonly digest: string }) =>
  room.client().approvals.decide({ approval_id: id, body: { digest, decision: 'allow_once' } });
const judged = async (session: TestSession) =>
  (await session.log())
    .filter(({ type }) => type === 'policy.evaluated')
    .map(
      ({ data }) => `${String(data['effect'])} ${(data['rules'] as { name: string }[]).map(({ name }) => name).join()}`,
    );

describe('a policy that is set while an approval waits', () => {
  it.each([
    ['held', 600],
    ['suspended', 0],
  ])('denies the call although it was allowed then: %s', async (phase, grace_s) => {
    const session = await startSession(room, scripted([call, shell('true')], [asks('echo asked', { grace_s })]));
    const asked = await session.question();
    if (phase === 'suspended') await session.logged('turn.suspended');
    await set(session, DENIES);
    await allow(asked);
    expect((await session.ended()).type).toBe('turn.completed');
    expect(ran(session)).toEqual([]);
    expect(await judged(session)).toContain('deny frozen');
  });

  it.each([
    ['held', 600],
    ['suspended', 0],
  ])('asks by its own rule although another one was answered: %s', async (phase, grace_s) => {
    const session = await startSession(room, scripted([call], [asks('echo asked', { grace_s })]));
    const asked = await session.question();
    if (phase === 'suspended') await session.logged('turn.suspended');
    await set(session, ASKS_TOO);
    await allow(asked);
    const anew = await session.question(2);
    expect([anew.digest, ran(session)]).toEqual([asked.digest, []]);
    await allow(anew);
    expect((await session.ended()).type).toBe('turn.completed');
    expect(ran(session)).toEqual(['asked']);
  });

  it.each([
    ['held', 600],
    ['suspended', 0],
  ])('and, without one, what was allowed runs once: %s', async (phase, grace_s) => {
    const session = await startSession(room, scripted([call], [asks('echo asked', { grace_s })]));
    const asked = await session.question();
    if (phase === 'suspended') await session.logged('turn.suspended');
    await set(session, { ...DENIES, commands: ['echo another'] });
    await allow(asked);
    expect((await session.ended()).type).toBe('turn.completed');
    expect(ran(session)).toEqual(['asked']);
  });
});

describe('a policy that is set', () => {
  it('reaches the turn that runs, by its next call', async () => {
    const wait = shell('until [ -e go ]; do sleep 0.05; done');
    const session = await startSession(room, scripted([call, wait, call]));
    await session.logged('agent.tool_use', 2);
    await set(session, DENIES);
    writeFileSync(join(room.workOf(session.id), 'go'), '');
    expect((await session.ended()).type).toBe('turn.completed');
    expect(ran(session)).toEqual(['asked']);
    expect((await judged(session)).at(-1)).toBe('deny frozen');
  });

  it('holds in the turns that follow, and before anything was said', async () => {
    const client = room.client();
    const agent = scripted([call]);
    const { id } = await client.sessions.create({ body: { agent } });
    await client.sessions.setPolicy({ session_id: id, body: { rules: [DENIES] } });
    const { turn_id } = await client.sessions.send({
      session_id: id,
      wait: 60,
      body: { content: [{ type: 'text', text: 'go' }] },
    });
    const { data } = await client.sessions.events({ session_id: id, types: 'policy.evaluated' });
    expect(data.map((event) => [event.turn_id, event.data['effect']])).toEqual([[turn_id, 'deny']]);
    expect((await client.sessions.policy({ session_id: id })).rules).toMatchObject([DENIES]);
  });

  it('loosens nothing: a file that tries is refused with its place, and nothing was set', async () => {
    const session = await startSession(room, scripted([call]));
    await session.ended();
    const file = join(room.home, 'loose.yaml');
    writeFileSync(
      file,
      'rules:\n  - name: open\n    on: shell.exec\n    effect: allow\n    reason: x\ndefaults:\n  - on: "*"\n    effect: ask\n',
    );
    const refused = await room.tack(['policy', 'set', session.id, file]);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/loose\.yaml:4:13 rules\[0\]\.effect: .*loosens/),
    ]);
    expect(refused.stderr).toMatch(/loose\.yaml:7:\d+ defaults: /);
    const over_api = await room.api('PUT', `/v1/sessions/${session.id}/policy`, {
      rules: [{ ...DENIES, effect: 'allow' }],
    });
    expect(over_api).toMatchObject({ status: 422, body: { errors: [{ place: 'body.rules[0].effect' }] } });
    expect((await room.client().sessions.policy({ session_id: session.id })).rules).toEqual([]);

    writeFileSync(file, 'rules:\n  - name: frozen\n    on: shell.exec\n    effect: deny\n    reason: Not now.\n');
    expect(await room.tack(['policy', 'set', session.id, file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 rule'),
    });
    expect((await room.tack(['policy', 'show', session.id])).stdout).toContain('deny  frozen: Not now.');
    const next = await session.say('again');
    await session.ended(next);
    expect([(await judged(session)).at(-1), ran(session)]).toEqual(['deny frozen', ['asked']]);
  });
});
