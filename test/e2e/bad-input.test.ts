/** Bad input of every kind gets its exit code or status, its place and the way out; the session beside it goes on. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { git, repositoryWith } from '../support/repository.ts';
import { scripted, shell, startSession, type TestSession } from '../support/session.ts';
import { openRoom } from '../support/tackroom.ts';

const room = openRoom({ TACK_CLAUDE_BIN: '/nowhere/claude', ANTHROPIC_API_KEY: 'sk-bad-input' });
const scratch = mkdtempSync(join(tmpdir(), 'tack-bad-'));
let repository: string;
let session: TestSession;

beforeAll(async () => {
  repository = repositoryWith({ 'README.md': 'hello\n' });
  await room.up();
  session = await startSession(room, scripted([shell('echo here >> turns.txt'), { say: 'Done.' }]));
  await session.ended();
});
afterAll(async () => {
  await room.close();
  for (const folder of [repository, scratch]) rmSync(folder, { recursive: true, force: true });
});
/** After every case the same session completes a turn. */
afterEach(async () => {
  const { type } = await session.ended(await session.say('and again'));
  if (type !== 'turn.completed') throw new Error(`Its next turn ended with ${type}.`);
});

const file = (name: string, text: string): string => {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
};
const folder = (name: string, ...gitWords: readonly string[]): string => {
  const path = join(scratch, name);
  mkdirSync(path);
  if (gitWords.length > 0) git(path, ...gitWords);
  return path;
};

interface Case {
  readonly exit: number;
  readonly code: string;
  /** What a person reads: the place or the value met, and the way out. */
  readonly says: readonly (string | RegExp)[];
}

/** Twice: as a person reads it, and as a program does. */
async function refused(args: readonly string[], cwd: string, { exit, code, says }: Case): Promise<void> {
  const { code: ended, stdout, stderr } = await room.tack(args, { cwd });
  expect({ exit: ended, stdout }, stderr).toEqual({ exit, stdout: '' });
  for (const words of says) expect(stderr).toMatch(words);
  const asked = await room.tack([...args, '--json'], { cwd });
  expect(asked.code).toBe(exit);
  expect(JSON.parse(asked.stdout)).toMatchObject({
    code,
    status: expect.any(Number),
    detail: expect.any(String),
    remediation: expect.stringMatching(/\w/),
  });
}

describe('an agent file', () => {
  const run = (path: string) => ['run', 'hi', '--agent', path];
  it.each([
    ['an unknown key', 'name: mine\nharnes: scripted\n', [/:2:1 harnes: unknown key; did you mean `harness`\?/]],
    [
      'an unknown kind of action',
      'name: mine\nharness: scripted\npolicies:\n  rules:\n    - { name: x, on: git.pull, effect: deny, reason: no }\n',
      [/:5:\d+ policies\.rules\[0\]\.on: "git\.pull" .*did you mean `git\.push`\?/],
    ],
    ['broken YAML', 'name: mine\nharness: [scripted\n', [/\.yaml:3:1: /]],
    ['a wrong type', 'name: 7\nharness: scripted\n', [/:1:7 name: /]],
  ])('with %s is told where and what to write', async (what, text, says) => {
    const path = file(`${what.replaceAll(' ', '-')}.yaml`, text);
    await refused(run(path), repository, { exit: 2, code: 'spec_invalid', says: [...says, 'Mend the named places'] });
  });

  it.each([
    ['nosuch', 'There is no agent "nosuch"'],
    ['./nowhere.yaml', 'There is no agent file'],
  ])('that is not there (%s) is told what there is', async (name, words) => {
    await refused(run(name), repository, {
      exit: 2,
      code: 'agent_not_found',
      says: [words, 'claude-code, scripted'],
    });
  });
});

describe('an unknown harness', () => {
  it('in a file is told what is meant', async () => {
    const path = file('harness.yaml', 'name: mine\nharness: cluade-code\n');
    const says = [/:2:10 harness: "cluade-code" .*did you mean `claude-code`\?/];
    await refused(['run', 'hi', '--agent', path], repository, { exit: 2, code: 'spec_invalid', says });
  });

  it.each([
    ['by name', { agent: 'gpt-engineer' }, 404, 'agent_not_found'],
    ['as a configuration', { agent: { name: 'x', harness: 'nope' } }, 422, 'harness_unknown'],
  ])('over the API %s is refused with its place', async (_, body, status, code) => {
    const answer = await room.api('POST', '/v1/sessions', { ...body, input: [{ type: 'text', text: 'hi' }] });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code, errors: [{ place: expect.stringMatching(/^body\.agent/) }] });
  });
});

describe('a harness whose binary is not there', () => {
  it('is refused by run, with the way to install it', async () => {
    const says = ['/nowhere/claude', 'npm install -g @anthropic-ai/claude-code'];
    await refused(['run', 'hi'], repository, { exit: 1, code: 'harness_unavailable', says });
  });

  it('is refused by the API before anything is recorded', async () => {
    const before = (await room.client().sessions.list({ limit: 100 })).data.length;
    const answer = await room.api('POST', '/v1/sessions', {
      agent: 'claude-code',
      input: [{ type: 'text', text: 'hi' }],
    });
    expect(answer).toMatchObject({ status: 503, body: { code: 'harness_unavailable' } });
    expect((await room.client().sessions.list({ limit: 100 })).data.length).toBe(before);
  });

  it.each([
    ['a file that cannot be run', 'not a program', 0o644],
    ['a program that is no claude', '#!/bin/sh\necho I am something else\n', 0o755],
  ])('or is %s: the roles say which', async (_, text, mode) => {
    const binary = file('claude', text);
    chmodSync(binary, mode);
    const other = openRoom({ TACK_CLAUDE_BIN: binary, ANTHROPIC_API_KEY: 'sk-bad-input' });
    try {
      await other.up();
      const { code, stderr } = await other.tack(['run', 'hi'], { cwd: repository });
      expect(code, stderr).toBe(1);
      expect(stderr).toContain(binary);
    } finally {
      await other.close();
      rmSync(binary);
    }
  });
});

describe('a body of the API', () => {
  it.each([
    ['that is no JSON', '{"agent": ', 400, 'json_invalid'],
    ['with an unknown key', '{"agent": "scripted", "inputs": []}', 422, 'request_invalid'],
    ['with a wrong type', '{"agent": "scripted",\n "input": "hi"}', 422, 'request_invalid'],
    ['without what is needed', '{}', 422, 'request_invalid'],
  ])('%s is refused with its place, and starts nothing', async (_, body, status, code) => {
    const before = (await room.client().sessions.list({ limit: 100 })).data.length;
    const { port, token } = room.served();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect({ status: answer.status, ...((await answer.json()) as object) }).toMatchObject({
      status,
      code,
      errors: [{ place: expect.stringMatching(/\w/), message: expect.stringMatching(/\w/) }],
      remediation: expect.stringMatching(/\w/),
    });
    expect((await room.client().sessions.list({ limit: 100 })).data.length).toBe(before);
  });

  it('without the token is told nothing but where the token is', async () => {
    const { port } = room.served();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/sessions`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'auth_failed', remediation: expect.stringMatching(/token/) });
  });
});

describe('a wrong id', () => {
  it.each([
    ['attach', ['attach', 'ses_nope'], 'session_not_found', 'tack ls'],
    ['logs', ['logs', 'ses_06h106a9kc9j222z772txtsk98'], 'session_not_found', 'tack ls'],
    ['stop', ['stop', 'ses_../../etc/passwd'], 'session_not_found', 'tack ls'],
    ['diff', ['diff', 'nonsense'], 'session_not_found', 'tack ls'],
    ['approve', ['approve', 'apr_nope'], 'approval_not_found', 'tack approvals'],
    ['deny', ['deny', 'apr_nope', '-m', 'no'], 'approval_not_found', 'tack approvals'],
  ])('of %s is told where the right ones are listed', async (_, args, code, way_out) => {
    await refused(args, repository, { exit: 1, code, says: [String(args[1]), way_out] });
  });

  it.each([
    ['GET', '/v1/sessions/ses_nope', 404, 'session_not_found'],
    ['GET', '/v1/approvals/apr_nope', 404, 'approval_not_found'],
    ['GET', '/v1/nothing', 404, 'route_not_found'],
  ])('in %s %s is a problem with its code', async (method, path, status, code) => {
    const answer = await room.api(method, path);
    expect(answer).toMatchObject({ status, body: { code, remediation: expect.stringMatching(/\w/) } });
  });
});

describe('a folder that is no repository', () => {
  const run = ['run', 'hi', '--agent', 'scripted'];
  it('is told in one line how it becomes one', async () => {
    const says = [/✗ .* is not in a git repository\. Make it one: `git init .*`/];
    await refused(run, folder('plain'), { exit: 2, code: 'repository_missing', says });
  });

  it('but a bare one is told to go into a working tree', async () => {
    const says = ['bare repository', 'working tree'];
    await refused(run, folder('bare.git', 'init', '-q', '--bare'), { exit: 2, code: 'repository_missing', says });
  });

  it('is not needed to look at sessions, but to apply their work', async () => {
    const path = folder('elsewhere');
    expect((await room.tack(['ls'], { cwd: path })).code).toBe(0);
    const { code, stderr } = await room.tack(['apply', session.id], { cwd: path });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/\w/);
  });

  it('without a commit is no mistake: the work starts from its files', async () => {
    const path = folder('unborn', 'init', '-q');
    const { code, stderr } = await room.tack(run, { cwd: path });
    expect(code, stderr).toBe(3); // the shipped script asks at its end, and nobody sits here
    expect(stderr).toContain('Written by the scripted harness.');
  });
});
