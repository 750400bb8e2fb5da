/** Prompts that are none: refused with their size, their place and the way out, before anything is recorded; the session beside them goes on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { repositoryWith } from '../support/repository.ts';
import { scripted, shell, startSession, type TestSession } from '../support/session.ts';
import { openRoom } from '../support/tackroom.ts';
import { told } from '../support/told.ts';

const room = openRoom();
let repository: string;
let session: TestSession;
beforeAll(async () => {
  repository = repositoryWith({ 'README.md': 'hello\n' });
  await room.up();
  session = await startSession(room, scripted([shell('true'), { say: 'Done.' }]));
  await session.ended();
});
afterAll(async () => {
  await room.close();
  rmSync(repository, { recursive: true, force: true });
});
/** After every case the same session completes a turn, and no other one was begun. */
afterEach(async () => {
  const { type } = await session.ended(await session.say('and again'));
  if (type !== 'turn.completed') throw new Error(`Its next turn ended with ${type}.`);
  const { data } = await room.client().sessions.list({ limit: 100 });
  if (data.length !== 1) throw new Error(`${data.length} sessions are there.`);
});

const RUN = ['run', '-', '--agent', 'scripted'];

describe('a prompt from stdin', () => {
  it.each([
    ['of 10 MB', 'a'.repeat(10_000_000), 'content_too_large', /1000000 bytes/],
    ['of nothing', '', 'usage_invalid', /There is no prompt/],
    ['of white space', ' \n\t\n', 'usage_invalid', /There is no prompt/],
  ])('%s is refused with exit 2, and the way out', async (what, input, code, says) => {
    const { code: ended, stderr } = await room.tack(RUN, { cwd: repository, input });
    expect({ ended, stderr }).toMatchObject({ ended: 2, stderr: expect.stringMatching(says) as string });
    const { stdout } = await room.tack([...RUN, '--json'], { cwd: repository, input });
    expect(JSON.parse(stdout)).toMatchObject({ code, remediation: expect.stringMatching(/\w/) as string });
    told({ kind: 'prompt', what: `from stdin, ${what}`, ends: `exit ${ended}`, says: stderr });
  });

  it('that is a program is refused: it is no text', async () => {
    const [program, main] = [process.execPath, new URL('../../src/cli/main.ts', import.meta.url).pathname];
    const child = spawn(program, [main, ...RUN], { cwd: repository, env: room.env, stdio: ['pipe', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.end(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x02, 0xff, 0xfe, 0x00]));
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/no text .*not UTF-8/) as string });
    told({ kind: 'prompt', what: 'from stdin, a program', ends: `exit ${code}`, says: stderr });
  });

  it('without an end is refused when it is too long, not when the memory ends', async () => {
    const [program, main] = [process.execPath, new URL('../../src/cli/main.ts', import.meta.url).pathname];
    const words = `yes | "${program}" "${main}" ${RUN.join(' ')}`;
    const child = spawn('sh', ['-c', words], { cwd: repository, env: room.env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('more on stdin') as string });
    told({ kind: 'prompt', what: 'from stdin, without an end', ends: `exit ${code}`, says: stderr });
  });
});

describe('a message over the API', () => {
  const send = (content: unknown) => room.api('POST', `/v1/sessions/${session.id}/messages`, { content });
  const part = (more: object) => [{ type: 'text', text: 'look' }, more];
  it.each([
    ['of 10 MB of text', [{ type: 'text', text: 'a'.repeat(10_000_000) }], 413, 'content_too_large'],
    ['whose image is no base64', part({ type: 'image', media_type: 'image/png', data: '!!!' }), 422, 'request_invalid'],
    ['with a part of an unknown type', [{ type: 'video', data: '' }], 422, 'request_invalid'],
    ['with no part', [], 422, 'request_invalid'],
    ['that is a string', 'hi', 422, 'request_invalid'],
  ])('%s is refused, with its place', async (what, content, status, code) => {
    const answer = await send(content);
    expect(answer).toMatchObject({ status, body: { code, remediation: expect.stringMatching(/\w/) as string } });
    told({
      kind: 'prompt',
      what: `over the API, ${what}`,
      ends: `${status}`,
      says: (answer.body as { detail: string }).detail,
    });
  });

  it.each([
    ['bytes that steer a terminal', 'a\u001b[2J\u0007\u0000b'],
    ['half of a surrogate pair', 'a\ud800b'],
    ['lines of every kind', 'a\r\nb\u2028c\u2029d\u0085e'],
  ])('with %s is taken as it is, and works', async (what, words) => {
    const { type } = await session.ended(await session.say(words));
    expect(type).toBe('turn.completed');
    told({ kind: 'prompt', what: `with ${what}`, ends: 'works', says: '' });
  });
});
