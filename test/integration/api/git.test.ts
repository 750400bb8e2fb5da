import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitHttp } from '../../../src/sandbox/git-http/index.ts';
import { pkt } from '../../../src/sandbox/git-http/pkt-line.ts';
import { git, repositoryWith, writeFiles } from '../../support/repository.ts';
import { startRig, type Rig } from './rig.ts';

const run = promisify(execFile);
const PROJECT = 'prj_0123456789abcdef';
const ZERO = '0'.repeat(40);
let rig: Rig;
let repo: string;
let head: string;
let sessions = 0;
const newSession = () => `ses_test${String(++sessions).padStart(8, '0')}`;

beforeAll(async () => {
  rig = await startRig();
  repo = repositoryWith({ 'a.txt': 'one\n' });
  head = git(repo, 'rev-parse', 'HEAD').trim();
});
afterAll(async () => {
  await rig.close();
  rmSync(repo, { recursive: true, force: true });
});

const url = (project = PROJECT) => `${rig.url}/git/${project}`;

/** Real git, asynchronously: the server runs in this process. */
async function tryGit(
  args: readonly string[],
  { token = rig.token, cwd = repo } = {},
): Promise<{ code: number; said: string }> {
  const env = { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0' };
  const words = ['-c', `http.${rig.url}/.extraHeader=Authorization: Bearer ${token}`, ...args];
  try {
    const { stdout, stderr } = await run('git', words, { cwd, env, encoding: 'utf8' });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}
const pushBase = (session_id: string, commit = head) =>
  tryGit(['push', url(), `${commit}:refs/tack/base/${session_id}`]);
const refs = () =>
  git(join(rig.projects, `${PROJECT}.git`), '--git-dir=.', 'for-each-ref', '--format=%(refname) %(objectname)')
    .trim()
    .split('\n');

/** A push as bytes of our own. */
async function rawPush(
  updates: readonly string[],
  capabilities = 'report-status',
  tail: Uint8Array = Buffer.alloc(0),
  headers: Record<string, string> = {},
) {
  const lines = updates.map((line, index) => pkt(index === 0 ? `${line}\0${capabilities}` : line));
  return fetch(`${url()}/git-receive-pack`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${rig.token}`,
      'content-type': 'application/x-git-receive-pack-request',
      ...headers,
    },
    body: Buffer.concat([...lines, Buffer.from('0000'), tail]),
  });
}

describe('push', () => {
  it('takes one new base, and makes the project with it', async () => {
    const session_id = newSession();
    expect(await pushBase(session_id)).toMatchObject({ code: 0 });
    expect(refs()).toContain(`refs/tack/base/${session_id} ${head}`);
  });

  it('takes a large one, sent in chunks, after git tried the way with an empty list', async () => {
    writeFiles(repo, { 'big.bin': randomBytes(6_000_000).toString('base64') });
    git(repo, 'add', '-A');
    git(repo, 'commit', '-qm', 'big');
    const big = git(repo, 'rev-parse', 'HEAD').trim();
    const session_id = newSession();
    expect(await pushBase(session_id, big)).toMatchObject({ code: 0 });
    expect(refs()).toContain(`refs/tack/base/${session_id} ${big}`);
  });

  it('takes the base of a shallow repository when the commit has no parent', async () => {
    const orphan = git(repo, 'commit-tree', `${head}^{tree}`, '-m', 'base').trim();
    git(repo, 'update-ref', 'refs/heads/orphan', orphan);
    const shallow = `${repo}-shallow`;
    try {
      git(repo, 'clone', '-q', '--depth', '1', '--branch', 'main', `file://${repo}`, shallow);
      const base = git(shallow, 'commit-tree', 'HEAD^{tree}', '-m', 'base').trim();
      const session_id = newSession();
      const answer = await tryGit(['push', url(), `${base}:refs/tack/base/${session_id}`], { cwd: shallow });
      expect(answer).toMatchObject({ code: 0 });
      expect(refs()).toContain(`refs/tack/base/${session_id} ${base}`);
    } finally {
      rmSync(shallow, { recursive: true, force: true });
    }
  });

  it('answers two refs at once with a word for each, and takes neither', async () => {
    const [one, two] = [newSession(), newSession()];
    const answer = await tryGit(['push', url(), `${head}:refs/tack/base/${one}`, `${head}:refs/tack/base/${two}`]);
    expect(answer.code).not.toBe(0);
    expect(answer.said.match(/remote rejected/g)).toHaveLength(2);
    expect(answer.said).toContain('one ref a push');
    expect(refs().join()).not.toContain(one);
    expect(refs().join()).not.toContain(two);
  });

  it.each([
    'refs/heads/main',
    'refs/tack/work/mine',
    'refs/tack/base/../../heads/x',
    'refs/tack/base/ses_12345678/deeper',
    'refs/tags/v1',
  ])('refuses %s', async (ref) => {
    const before = refs();
    const report = await (await rawPush([`${ZERO} ${head} ${ref}`])).text();
    expect(report).toContain(`ng ${ref} only refs/tack/base/<session_id> is taken`);
    const answer = ref.includes('..')
      ? { code: 1, said: 'only refs/tack/base' }
      : await tryGit(['push', url(), `${head}:${ref}`]);
    expect(answer.code).not.toBe(0);
    expect(answer.said).toContain('only refs/tack/base');
    expect(refs()).toEqual(before);
  });

  it('never moves or deletes a base', async () => {
    const session_id = newSession();
    await pushBase(session_id);
    git(repo, 'commit', '-q', '--allow-empty', '-m', 'more');
    const more = git(repo, 'rev-parse', 'HEAD').trim();
    const before = refs();
    expect((await pushBase(session_id, more)).said).toContain('the base of a session never changes');
    expect((await tryGit(['push', '--force', url(), `${more}:refs/tack/base/${session_id}`])).said).toContain(
      'never changes',
    );
    expect((await tryGit(['push', url(), `:refs/tack/base/${session_id}`])).said).toContain('never deleted');
    expect(refs()).toEqual(before);
  });

  it('leaves it to git when two push the same new base at once: one wins', async () => {
    const session_id = newSession();
    const answers = await Promise.all([
      pushBase(session_id),
      pushBase(session_id, `${head}`),
      pushBase(session_id, git(repo, 'rev-parse', 'HEAD').trim()),
    ]);
    expect(answers.filter(({ code }) => code === 0).length).toBeGreaterThanOrEqual(1);
    expect(refs().filter((ref) => ref.includes(session_id))).toHaveLength(1);
  });

  it('refuses objects that git finds bad, and tolerates the bad dates of old commits', async () => {
    const tree = git(repo, 'rev-parse', `${head}^{tree}`).trim();
    const object = (text: string) => {
      writeFiles(repo, { '.git/raw': text });
      return git(repo, 'hash-object', '-t', 'commit', '--literally', '-w', '.git/raw').trim();
    };
    const old = object(
      `tree ${tree}\nauthor Ann <ann@example.org> 0001 +0000\ncommitter Ann ann@example.org> 0001 +00000\n\nold\n`,
    );
    const tolerated = newSession();
    expect(await pushBase(tolerated, old)).toMatchObject({ code: 0 });

    const blob = git(repo, 'hash-object', '-w', 'a.txt').trim();
    writeFiles(repo, { '.git/tree': '' });
    const bytes = Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')]);
    writeFileSync(join(repo, '.git/tree'), bytes);
    const evil_tree = git(repo, 'hash-object', '-t', 'tree', '--literally', '-w', '.git/tree').trim();
    const evil = object(
      `tree ${evil_tree}\nauthor Ann <ann@example.org> 1 +0000\ncommitter Ann <ann@example.org> 1 +0000\n\nevil\n`,
    );
    const refused = newSession();
    const answer = await pushBase(refused, evil);
    expect(answer.code).not.toBe(0);
    expect(answer.said).toMatch(/fsck|hasDotgit|unpacker error/);
    expect(refs().join()).not.toContain(refused);
  });

  it('refuses a commit whose objects do not come with it', async () => {
    const session_id = newSession();
    const report = await (
      await rawPush([`${ZERO} ${'12'.repeat(20)} refs/tack/base/${session_id}`], 'report-status', emptyPack())
    ).text();
    expect(report).toContain(`ng refs/tack/base/${session_id}`);
    expect(refs().join()).not.toContain(session_id);
  });

  it.each([
    ['no packets', Buffer.from('hello'), 422],
    [
      'a list without an end',
      Buffer.concat(
        Array.from({ length: 900 }, (_, i) =>
          pkt(`${ZERO} ${'ab'.repeat(20)} refs/tack/base/ses_${String(i).padStart(8, '0')}`),
        ),
      ),
      422,
    ],
    ['a signed push', Buffer.concat([pkt('push-cert\0report-status'), Buffer.from('0000')]), 422],
    ['what is no gzip', Buffer.from('not gzip'), 422, 'gzip'],
  ])('refuses %s in plain text', async (_what, body, status, encoding?: string) => {
    const response = await fetch(`${url()}/git-receive-pack`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${rig.token}`,
        'content-type': 'application/x-git-receive-pack-request',
        ...(encoding && { 'content-encoding': encoding }),
      },
      body,
    });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('tack: ');
  });

  it('reads a zipped push', async () => {
    const session_id = newSession();
    const plain = Buffer.concat([
      pkt(`${ZERO} ${head} refs/tack/base/${session_id}\0report-status`),
      Buffer.from('0000'),
      emptyPack(),
    ]);
    const response = await fetch(`${url()}/git-receive-pack`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${rig.token}`,
        'content-type': 'application/x-git-receive-pack-request',
        'content-encoding': 'gzip',
      },
      body: gzipSync(plain),
    });
    expect(await response.text()).toContain(`ok refs/tack/base/${session_id}`);
  });

  it('bounds the size of a push after unzipping', async () => {
    const small = await startRig({
      parts: { git: createGitHttp({ projects: rig.projects, push_max_bytes: 100_000 }) },
    });
    try {
      const before = refs();
      const head_line = Buffer.concat([
        pkt(`${ZERO} ${head} refs/tack/base/${newSession()}\0report-status`),
        Buffer.from('0000'),
      ]);
      const response = await fetch(`${small.url}/git/${PROJECT}/git-receive-pack`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${small.token}`,
          'content-type': 'application/x-git-receive-pack-request',
          'content-encoding': 'gzip',
        },
        body: gzipSync(Buffer.concat([head_line, Buffer.alloc(2_000_000)])),
      }).then(
        (answer) => answer.text(),
        () => 'cut',
      );
      expect(response).not.toContain('\nok ');
      expect(refs()).toEqual(before);
    } finally {
      await small.close();
    }
  });
});

describe('fetch', () => {
  it('gives the work of a session, and says that a project is missing', async () => {
    const project = join(rig.projects, `${PROJECT}.git`);
    git(project, '--git-dir=.', 'update-ref', 'refs/tack/work/slug', head);
    const into = repositoryWith({ 'b.txt': 'other\n' });
    try {
      const answer = await tryGit(['fetch', url(), 'refs/tack/work/slug:refs/heads/tack/slug'], { cwd: into });
      expect(answer).toMatchObject({ code: 0 });
      expect(git(into, 'rev-parse', 'refs/heads/tack/slug').trim()).toBe(head);
      const missing = await tryGit(['fetch', url('prj_ffffffffffffffff'), 'refs/tack/work/slug'], { cwd: into });
      expect(missing.code).not.toBe(0);
      expect(missing.said).toMatch(/not found/);
    } finally {
      rmSync(into, { recursive: true, force: true });
    }
  });
});

describe('token', () => {
  it.each(['wrong', ''])('answers 403 in plain text to the token %j, so that git asks for no name', async (token) => {
    const answer = await tryGit(['ls-remote', url()], { token });
    expect(answer.code).not.toBe(0);
    expect(answer.said).toContain('403');
    expect(answer.said).not.toContain('Username');
  });
});

describe('a session on a pushed base', () => {
  const create = (body: Record<string, unknown>) =>
    rig.ask('POST', '/v1/sessions', { body: { agent: 'scripted', ...body } });

  it('starts from it, from any commit of the project, and from nothing else', async () => {
    const session_id = newSession();
    await pushBase(session_id);
    expect((await create({ session_id, project_id: PROJECT, base_commit: head })).body).toMatchObject({
      id: session_id,
      base_commit: head,
      base_ref: `refs/tack/base/${session_id}`,
    });

    const other = newSession();
    expect((await create({ session_id: other, project_id: PROJECT, base_commit: head })).body).toMatchObject({
      base_commit: head,
    });
    expect(refs()).toContain(`refs/tack/base/${other} ${head}`);

    expect(
      (await create({ session_id: newSession(), project_id: PROJECT, base_commit: 'ab'.repeat(20) })).body,
    ).toMatchObject({ status: 422, code: 'request_invalid', errors: [{ place: 'body.base_commit' }] });
    expect((await create({ session_id: newSession(), project_id: PROJECT })).body).toMatchObject({
      status: 422,
      code: 'request_invalid',
    });
    expect(
      (await create({ session_id: newSession(), project_id: 'prj_ffffffffffffffff', base_commit: head })).body,
    ).toMatchObject({ status: 404, code: 'project_not_found' });
  });
});

/** A pack without objects. */
function emptyPack(): Buffer {
  return Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex');
}
