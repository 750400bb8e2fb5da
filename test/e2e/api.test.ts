/** The API of a running Tackroom, from outside: who may speak, what is refused, and a stream that outlives its server. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_ROUTES } from '../../src/api/contract/routes.ts';
import { scripted, shell, startSession, text } from '../support/session.ts';
import { openRoom } from '../support/tackroom.ts';
import { until } from '../support/until.ts';

const room = openRoom();
beforeAll(async () => void (await room.up()));
afterAll(() => room.close());

const base = () => {
  const { port } = JSON.parse(readFileSync(join(room.home, 'server.json'), 'utf8')) as { port: number };
  return `http://127.0.0.1:${port}`;
};

describe('without the token', () => {
  it('every route but health answers 401, and with it none does', async () => {
    const asked = await Promise.all(
      ALL_ROUTES.filter(([, { form }]) => form !== 'git').map(async ([name, { method, path, auth }]) => {
        const url = base() + path.replaceAll(/\{\w+\}/g, 'nothing');
        const init = {
          method,
          ...(method !== 'GET' && { body: '{}', headers: { 'content-type': 'application/json' } }),
        };
        const bare = await fetch(url, init);
        await bare.body?.cancel();
        const { status } = await room.api(method, url.slice(base().length), method === 'GET' ? undefined : {});
        return { name, auth, bare: bare.status, known: status };
      }),
    );
    expect(asked.length).toBeGreaterThan(20);
    for (const { name, auth, bare, known } of asked) {
      expect({ name, bare }).toEqual({ name, bare: auth === false ? 200 : 401 });
      expect({ name, known }).not.toEqual({ name, known: 401 });
    }
  });

  it('git is refused in plain text, so that it does not ask for a name', async () => {
    const answer = await fetch(`${base()}/git/prj_0000000000000000/info/refs?service=git-upload-pack`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([403, expect.stringMatching(/^text\/plain/)]);
  });
});

describe('a stream', () => {
  it('goes on where it was after its server was killed with -9: no gap, no event twice', async () => {
    const session = await startSession(
      room,
      scripted([{ say: 'Before.' }, { wait_for: 'go' }, { say: 'After.' }, shell('echo done >> effects.txt')]),
    );
    const seqs: number[] = [];
    const states: string[] = [];
    const following = (async () => {
      for await (const heard of room.client().events(session.id)) {
        if (heard.kind === 'connection') states.push(heard.state);
        if (heard.kind === 'event') seqs.push(heard.event.seq);
        if (heard.kind === 'event' && heard.event.type === 'turn.completed') return;
      }
    })();
    await session.logged('agent.message');
    await room.kill('server');
    await until('the stream to be cut', () => states.includes('lost'));
    await until('the worktree', () => existsSync(room.workOf(session.id)));
    writeFileSync(join(room.workOf(session.id), 'go'), '');
    await following;
    expect(states.filter((state) => state === 'open').length).toBeGreaterThan(1);
    expect(seqs).toEqual((await session.log()).map(({ seq }) => seq));
  });
});

describe('a session that was asked nonsense', () => {
  it('refuses each with its code and place, and completes a turn afterwards', async () => {
    const session = await startSession(room, scripted({ turns: [[{ say: 'One.' }], [{ say: 'Two.' }]] }));
    await session.ended();
    const say = (body: unknown) => room.api('POST', `/v1/sessions/${session.id}/messages`, body);
    const bad = [
      await say({ content: [] }),
      await say({ content: [{ type: 'text', words: 'hello' }] }),
      await say({ content: text('hello'), delivery: 'soon' }),
      await say({ content: [{ type: 'image', media_type: 'image/png', data: 'no base64!' }] }),
      await say({ content: text('x'.repeat(1_000_001)) }),
    ];
    expect(bad.map(({ status }) => status)).toEqual([422, 422, 422, 422, 413]);
    for (const { body } of bad) {
      const { code, errors, remediation } = body as { code: string; errors: { place: string }[]; remediation: string };
      expect(['request_invalid', 'content_too_large']).toContain(code);
      expect(errors[0]?.place).toMatch(/^body/);
      expect(remediation).not.toBe('');
    }
    const agents = [
      await room.api('POST', '/v1/sessions', { agent: 'nobody', input: text('go') }),
      await room.api('POST', '/v1/sessions', { agent: { name: 'x', harness: 'codex' }, input: text('go') }),
      await room.api('POST', '/v1/sessions', { agent: { name: 'x', harness: 'scripted', policies: { rules: [{}] } } }),
    ];
    for (const { status, body } of agents) {
      expect({ status, body }).toMatchObject({ body: { errors: expect.any(Array) as unknown } });
      expect([404, 422]).toContain(status);
    }
    expect((await session.ended(await session.say('again'))).type).toBe('turn.completed');
    expect(await session.words()).toEqual(['One.', 'Two.']);
  });

  it('fails a turn whose script is broken, with the place in it', async () => {
    const broken = {
      name: 'broken',
      harness: 'scripted' as const,
      script: '- say: hello\n- tool: {kind: shell.exec}\n',
    };
    const session = await startSession(room, broken);
    expect((await session.ended()).data).toMatchObject({
      error: { code: 'spec_invalid', message: expect.stringMatching(/script:2:/) as string },
    });
  });
});
