/** Repositories as people have them. Each is worked in, or refused with its place and the way out; nothing of it is lost, and the session beside it goes on. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IS_ROOT } from '../support/ordinary-user.ts';
import { git, repositoryWith, writeFiles } from '../support/repository.ts';
import { isLong } from '../support/rounds.ts';
import { scripted, shell, startSession, type TestSession } from '../support/session.ts';
import { openRoom } from '../support/tackroom.ts';
import { told } from '../support/told.ts';

const room = openRoom();
const scratch = mkdtempSync(join(tmpdir(), 'tack-odd-'));
const agent = join(scratch, 'agent.yaml');
const FILES = isLong ? 100_000 : 5_000;
let origin: string;
let beside: TestSession;

beforeAll(async () => {
  const steps = [shell('ls -A | wc -l; echo worked >> worked.txt'), { say: 'Done.' }];
  writeFileSync(agent, JSON.stringify({ ...scripted(steps), sandbox: 'bubblewrap' }));
  origin = repositoryWith({ 'a.txt': 'one\n', 'big.bin': 'x'.repeat(100_000) });
  git(origin, 'config', 'uploadpack.allowFilter', 'true');
  writeFiles(origin, { 'a.txt': 'two\n' });
  git(origin, 'commit', '-qam', 'second');
  await room.up();
  beside = await startSession(room, scripted([shell('true'), { say: 'Done.' }]));
  await beside.ended();
});
afterAll(async () => {
  await room.close();
  for (const folder of [origin, scratch]) if (folder) rmSync(folder, { recursive: true, force: true });
});
/** After every case the same session completes a turn. */
afterEach(async () => {
  const { type } = await beside.ended(await beside.say('and again'));
  if (type !== 'turn.completed') throw new Error(`Its next turn ended with ${type}.`);
});

const made = (name: string): string => {
  const folder = join(scratch, name);
  mkdirSync(folder);
  return folder;
};
const clone = (name: string, ...words: readonly string[]): string => {
  const folder = join(scratch, name);
  execFileSync('git', ['clone', '-q', ...words, pathToFileURL(origin).href, folder]);
  return folder;
};
const run = (cwd: string) => room.tack(['run', 'go', '--agent', agent], { cwd });
/** Works in it, and brings the work back. */
async function works(what: string, folder: string): Promise<string> {
  const ran = await run(folder);
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  const applied = await room.tack(['apply', 'latest'], { cwd: folder });
  expect(applied, applied.stderr).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, 'worked.txt'), 'utf8')).toBe('worked\n');
  const note = /^ {2}(This clone is|Not inside).*$/m.exec(ran.stderr)?.[0] ?? '';
  told({ kind: 'repository', what, ends: 'works', says: note });
  return ran.stderr;
}

describe('a repository', () => {
  it('with a detached HEAD is worked in, and stays detached', async () => {
    const folder = clone('detached');
    git(folder, 'checkout', '-q', '--detach', 'HEAD~1');
    const before = git(folder, 'rev-parse', 'HEAD');
    await works('a detached HEAD', folder);
    expect(git(folder, 'rev-parse', 'HEAD')).toBe(before);
    expect(git(folder, 'rev-parse', '--abbrev-ref', 'HEAD').trim()).toBe('HEAD');
  });

  it('without a commit is worked in, and still has none', async () => {
    const folder = made('unborn');
    git(folder, 'init', '-q');
    writeFiles(folder, { 'a.txt': 'mine\n' });
    await works('no commit yet', folder);
    expect(() => git(folder, 'rev-parse', '--verify', 'HEAD')).toThrow();
  });

  it('that is a shallow clone is worked in, and the person is told what the session cannot see', async () => {
    const folder = clone('shallow', '--depth', '1');
    expect(await works('a shallow clone', folder)).toContain('This clone is shallow');
  });

  it('that is a partial clone is worked in', async () => {
    const folder = clone('partial', '--filter=blob:none');
    await works('a partial clone', folder);
  });

  it('that is a partial clone whose origin is gone says which object is missing where', async () => {
    const folder = clone('orphan', '--filter=blob:none', '--no-checkout');
    git(folder, 'remote', 'set-url', 'origin', pathToFileURL(join(scratch, 'gone')).href);
    git(folder, 'read-tree', 'HEAD');
    const { code, stderr } = await run(folder);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/git .*ended with/) as string });
    told({ kind: 'repository', what: 'a partial clone whose origin is gone', ends: `exit ${code}`, says: stderr });
  });

  it('with files of LFS is worked in as they lie there', async () => {
    const folder = clone('lfs');
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12\n`;
    writeFiles(folder, { '.gitattributes': '*.psd filter=lfs diff=lfs merge=lfs -text\n', 'a.psd': pointer });
    git(folder, '-c', 'filter.lfs.clean=cat', 'add', '-A');
    git(folder, '-c', 'filter.lfs.clean=cat', 'commit', '-qm', 'lfs');
    await works('files of LFS', folder);
    expect(readFileSync(join(folder, 'a.psd'), 'utf8')).toBe(pointer);
  });

  it('with a submodule is worked in, and the person is told that it is not inside', async () => {
    const folder = clone('submodule');
    git(folder, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', origin, 'part');
    git(folder, 'commit', '-qm', 'part');
    expect(await works('a submodule', folder)).toContain('Not inside: part');
    expect(readFileSync(join(folder, 'part/a.txt'), 'utf8')).toBe('two\n');
  });

  it('that is a linked worktree of another is worked in', async () => {
    const main = clone('main-of-linked');
    const folder = join(scratch, 'linked');
    git(main, 'worktree', 'add', '-q', folder, '-b', 'side');
    await works('a linked worktree', folder);
    expect(existsSync(join(main, 'worked.txt'))).toBe(false);
  });

  it('in the middle of a merge with conflicts is worked in as it lies there, and stays in it', async () => {
    const folder = clone('merging');
    git(folder, 'checkout', '-qb', 'theirs', 'HEAD~1');
    writeFiles(folder, { 'a.txt': 'three\n' });
    git(folder, 'commit', '-qam', 'third');
    expect(() => git(folder, 'merge', '-q', 'origin/main')).toThrow();
    await works('a merge in progress', folder);
    expect(existsSync(join(folder, '.git/MERGE_HEAD'))).toBe(true);
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toContain('<<<<<<<');
  });

  it(`of ${FILES} files is worked in`, { timeout: 900_000 }, async () => {
    const folder = made('many');
    git(folder, 'init', '-q');
    for (let n = 0; n < FILES; n++) {
      const below = join(folder, `d${n % 100}`);
      if (n < 100) mkdirSync(below);
      writeFileSync(join(below, `f${n}.txt`), `${n}\n`);
    }
    git(folder, 'add', '-A');
    git(folder, 'commit', '-qm', 'many');
    await works(`${FILES} files`, folder);
  });

  it('with names of any bytes is worked in, byte by byte', async () => {
    const folder = made('names');
    git(folder, 'init', '-q');
    const names = [
      'line\nbreak.txt',
      'tab\there.txt',
      '-dash.txt',
      'quote"\'.txt',
      'back\\slash.txt',
      ' space .txt',
      '🦊.txt',
      'e\u0301.txt',
    ];
    for (const name of names) writeFileSync(join(folder, name), 'one\n');
    const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from('.bin')]);
    writeFileSync(odd, Buffer.from([0, 255, 10]));
    git(folder, 'add', '-A');
    git(folder, 'commit', '-qm', 'names');
    const before = readdirSync(folder, { encoding: 'buffer' })
      .map((name) => name.toString('hex'))
      .toSorted();
    const all = join(scratch, 'all.yaml');
    writeFileSync(
      all,
      JSON.stringify(
        scripted([
          shell('for f in *; do printf "more\\n" >> "./$f"; done; echo worked > worked.txt'),
          { say: 'Done.' },
        ]),
      ),
    );
    const ran = await room.tack(['run', 'go', '--agent', all], { cwd: folder });
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    const diff = await room.tack(['diff', 'latest'], { cwd: folder });
    expect(diff.code).toBe(0);
    const applied = await room.tack(['apply', 'latest'], { cwd: folder });
    expect(applied, applied.stderr).toMatchObject({ code: 0 });
    for (const name of names) expect([name, readFileSync(join(folder, name), 'utf8')]).toEqual([name, 'one\nmore\n']);
    expect(readFileSync(odd)).toEqual(Buffer.concat([Buffer.from([0, 255, 10]), Buffer.from('more\n')]));
    const after = readdirSync(folder, { encoding: 'buffer' }).map((name) => name.toString('hex'));
    expect(after.filter((name) => name !== Buffer.from('worked.txt').toString('hex')).toSorted()).toEqual(before);
    told({
      kind: 'repository',
      what: 'names with newlines, quotes and bytes that are no UTF-8',
      ends: 'works',
      says: '',
    });
  });

  it('with a symlink in a circle, and one to nowhere, is worked in', async () => {
    const folder = clone('links');
    symlinkSync('circle', join(folder, 'circle'));
    symlinkSync('/nowhere/at/all', join(folder, 'nowhere'));
    await works('symlinks in a circle and to nowhere', folder);
  });

  it.skipIf(IS_ROOT)(
    `with a file that nobody may read says which${IS_ROOT ? ' (not run: root may read everything)' : ''}`,
    async () => {
      const folder = clone('closed');
      writeFiles(folder, { 'closed.txt': 'x' });
      chmodSync(join(folder, 'closed.txt'), 0);
      const { code, stderr } = await run(folder);
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('closed.txt') as string });
      told({ kind: 'repository', what: 'a file that cannot be read', ends: `exit ${code}`, says: stderr });
    },
  );

  it('whose index is damaged is refused in git’s words', async () => {
    const folder = clone('damaged');
    writeFileSync(join(folder, '.git/index'), 'nonsense');
    const { code, stderr } = await run(folder);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/index/) as string });
    told({ kind: 'repository', what: 'a damaged index', ends: `exit ${code}`, says: stderr });
  });
});
