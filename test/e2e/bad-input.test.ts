/** Bad input of every kind gets its exit code or status, its place and the way out; the session beside it goes on. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refusedBy, type Case } from '../support/refused.ts';
import { git, repositoryWith } from '../support/repository.ts';
import { scripted, shell, startSession, type TestSession } from '../support/session.ts';
import { openRoom } from '../support/tackroom.ts';
import { told, toldByApi } from '../support/told.ts';

const room = openRoom({ TACK_CLAUDE_BIN: '/nowhere/claude', ANTHROPIC_API_KEY: 'sk-bad-input' });
const scratch = mkdtempSync(join(tmpdir(), 'tack-bad-'));
const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname;
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

const refused = (args: readonly string[], cwd: string, how: Case) => refusedBy(room, { args, cwd }, how);

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
    ['nothing in it', '', [/nothing-in-it\.yaml:1:1/]],
    ['a list in place of an agent', '- name: mine\n', [/:1:1/]],
    ['the same key twice', 'name: mine\nname: yours\nharness: scripted\nscript: "[{ say: hi }]"\n', [/:2:1: this key/]],
  ])('with %s is told where and what to write', async (what, text, says) => {
    const path = file(`${what.replaceAll(' ', '-')}.yaml`, text);
    const told_as = { kind: 'agent file', what: `with ${what}` };
    const words = [...says, 'Mend the named places'];
    await refused(run(path), repository, { ...told_as, exit: 2, code: 'spec_invalid', says: words });
  });

  it.each([
    ['nosuch', 'There is no agent "nosuch"'],
    ['./nowhere.yaml', 'There is no agent file'],
  ])('that is not there (%s) is told what there is', async (name, words) => {
    await refused(run(name), repository, {
      kind: 'agent file',
      what: `that is not there: ${name}`,
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
    const told_as = { kind: 'harness', what: 'that nobody knows, in a file' };
    await refused(['run', 'hi', '--agent', path], repository, { ...told_as, exit: 2, code: 'spec_invalid', says });
  });

  it.each([
    ['by name', { agent: 'gpt-engineer' }, 404, 'agent_not_found'],
    ['as a configuration', { agent: { name: 'x', harness: 'nope' } }, 422, 'harness_unknown'],
  ])('over the API %s is refused with its place', async (how, body, status, code) => {
    const answer = await room.api('POST', '/v1/sessions', { ...body, input: [{ type: 'text', text: 'hi' }] });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code, errors: [{ place: expect.stringMatching(/^body\.agent/) }] });
    toldByApi('harness', `that nobody knows, over the API ${how}`, answer);
  });
});

describe('a harness whose binary is not there', () => {
  it('is refused by run, with the way to install it', async () => {
    const says = ['/nowhere/claude', 'npm install -g @anthropic-ai/claude-code'];
    const told_as = { kind: 'harness', what: 'whose binary is not there' };
    await refused(['run', 'hi'], repository, { ...told_as, exit: 1, code: 'harness_unavailable', says });
  });

  it('is refused by the API before anything is recorded', async () => {
    const before = (await room.client().sessions.list({ limit: 100 })).data.length;
    const answer = await room.api('POST', '/v1/sessions', {
      agent: 'claude-code',
      input: [{ type: 'text', text: 'hi' }],
    });
    expect(answer).toMatchObject({ status: 503, body: { code: 'harness_unavailable' } });
    toldByApi('harness', 'whose binary is not there, over the API', answer);
    expect((await room.client().sessions.list({ limit: 100 })).data.length).toBe(before);
  });

  it.each([
    ['a file that cannot be run', 'not a program', 0o644],
    ['a program that is no claude', '#!/bin/sh\necho I am something else\n', 0o755],
  ])('or is %s: the roles say which', async (what, text, mode) => {
    const binary = file('claude', text);
    chmodSync(binary, mode);
    const other = openRoom({ TACK_CLAUDE_BIN: binary, ANTHROPIC_API_KEY: 'sk-bad-input' });
    try {
      await other.up();
      const { code, stderr } = await other.tack(['run', 'hi'], { cwd: repository });
      expect(code, stderr).toBe(1);
      expect(stderr).toContain(binary);
      told({ kind: 'harness', what: `whose binary is ${what}`, ends: `exit ${code}`, says: stderr });
    } finally {
      await other.close();
      rmSync(binary);
    }
  });
});

/** Any text as the body, of any type. */
async function post(body: string, type = 'application/json'): Promise<{ status: number; type: string; body: object }> {
  const { port, token } = room.served();
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const answer = await fetch(`http://127.0.0.1:${port}/v1/sessions`, { method: 'POST', headers, body });
  const answered = answer.headers.get('content-type') ?? '';
  return { status: answer.status, type: answered, body: (await answer.json()) as object };
}

const HAS_WAY_OUT = { remediation: expect.stringMatching(/\w/) as string };

describe('a body of the API', () => {
  it.each([
    ['that is no JSON', '{"agent": ', 400, 'json_invalid'],
    ['with an unknown key', '{"agent": "scripted", "inputs": []}', 422, 'request_invalid'],
    ['with a wrong type', '{"agent": "scripted",\n "input": "hi"}', 422, 'request_invalid'],
    ['without what is needed', '{}', 422, 'request_invalid'],
    ['that is a list', '[]', 422, 'request_invalid'],
    ['of nothing', '', 422, 'request_invalid'],
  ])('%s is refused with its place, and starts nothing', async (what, body, status, code) => {
    const before = (await room.client().sessions.list({ limit: 100 })).data.length;
    const answer = await post(body);
    expect(answer.type).toContain('application/problem+json');
    toldByApi('body of the API', what, answer);
    expect({ ...answer.body, status: answer.status }).toMatchObject({
      status,
      code,
      errors: [{ place: expect.stringMatching(/\w/), message: expect.stringMatching(/\w/) }],
      remediation: expect.stringMatching(/\w/),
    });
    expect((await room.client().sessions.list({ limit: 100 })).data.length).toBe(before);
  });

  it('that is a form is refused before it is read', async () => {
    const answer = await post('agent=scripted', 'application/x-www-form-urlencoded');
    expect(answer).toMatchObject({ status: 415, body: { code: 'media_type_invalid', ...HAS_WAY_OUT } });
    toldByApi('body of the API', 'that is a form', answer);
  });

  it('that says it is larger than 25 MB is refused before it is sent', async () => {
    const { port, token } = room.served();
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': 26_000_000,
    };
    const asked = request({ port, host: '127.0.0.1', method: 'POST', path: '/v1/sessions', headers });
    asked.flushHeaders();
    const [answered] = (await once(asked, 'response')) as [IncomingMessage];
    const answer = { status: answered.statusCode ?? 0, body: (await json(answered)) as object };
    asked.on('error', () => undefined).destroy(); // the rest is never sent
    expect(answer).toMatchObject({ status: 413, body: { code: 'request_too_large', ...HAS_WAY_OUT } });
    toldByApi('body of the API', 'that is larger than 25 MB', answer);
  });

  it('without the token is told nothing but where the token is', async () => {
    const { port } = room.served();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/sessions`);
    const problem = await answer.json();
    expect(answer.status).toBe(401);
    expect(problem).toMatchObject({ code: 'auth_failed', remediation: expect.stringMatching(/token/) });
    toldByApi('body of the API', 'without the token', { status: answer.status, body: problem });
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
    const told_as = { kind: 'wrong id', what: `tack ${args.join(' ')}` };
    await refused(args, repository, { ...told_as, exit: 1, code, says: [String(args[1]), way_out] });
  });

  it.each([
    ['GET', '/v1/sessions/ses_nope', 404, 'session_not_found'],
    ['GET', '/v1/approvals/apr_nope', 404, 'approval_not_found'],
    ['GET', '/v1/nothing', 404, 'route_not_found'],
  ])('in %s %s is a problem with its code', async (method, path, status, code) => {
    const answer = await room.api(method, path);
    expect(answer).toMatchObject({ status, body: { code, remediation: expect.stringMatching(/\w/) } });
    toldByApi('wrong id', `${method} ${path}`, answer);
  });
});

describe('a folder that is no repository', () => {
  const run = ['run', 'hi', '--agent', 'scripted'];
  it('is told in one line how it becomes one', async () => {
    const says = [/✗ .* is not in a git repository\. Make it one: `git init .*`/];
    const told_as = { kind: 'no repository', what: 'a folder that is none' };
    await refused(run, folder('plain'), { ...told_as, exit: 2, code: 'repository_missing', says });
  });

  it('but a bare one is told to go into a working tree', async () => {
    const says = ['bare repository', 'working tree'];
    const told_as = { kind: 'no repository', what: 'a bare one' };
    await refused(run, folder('bare.git', 'init', '-q', '--bare'), {
      ...told_as,
      exit: 2,
      code: 'repository_missing',
      says,
    });
  });

  it('is not needed to look at sessions, but to apply their work', async () => {
    const path = folder('elsewhere');
    expect((await room.tack(['ls'], { cwd: path })).code).toBe(0);
    const { code, stderr } = await room.tack(['apply', session.id], { cwd: path });
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(/\w/);
    told({ kind: 'no repository', what: 'tack apply in a folder that is none', ends: `exit ${code}`, says: stderr });
  });

  it('without a commit is no mistake: the work starts from its files', async () => {
    const path = folder('unborn', 'init', '-q');
    const { code, stderr } = await room.tack(run, { cwd: path });
    expect(code, stderr).toBe(3); // the shipped script asks at its end, and nobody sits here
    expect(stderr).toContain('Written by the scripted harness.');
    told({ kind: 'no repository', what: 'one without a commit', ends: 'works', says: '' });
  });

  it('is not there: the folder was removed under the shell', async () => {
    const path = folder('removed');
    const words = ['cd "$0" && rmdir "$0" && exec "$@"', path, process.execPath, MAIN, ...run];
    const { status, stderr } = spawnSync('sh', ['-c', ...words], { cwd: scratch, env: room.env, encoding: 'utf8' });
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(/folder|directory/) });
    told({
      kind: 'no repository',
      what: 'a folder that was removed under the shell',
      ends: `exit ${status}`,
      says: stderr,
    });
  });

  it('has a .git that says nothing', async () => {
    const path = folder('empty-git');
    mkdirSync(join(path, '.git'));
    const told_as = { kind: 'no repository', what: 'an empty .git' };
    await refused(run, path, { ...told_as, exit: 2, code: 'repository_missing', says: ['is not in a git repository'] });
  });
});
