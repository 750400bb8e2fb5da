import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { applyWork } from '../../../src/cli/git/apply.ts';
import { findIncluded } from '../../../src/cli/git/include.ts';
import { openRepository } from '../../../src/cli/git/repository.ts';
import { takeSnapshot } from '../../../src/cli/git/snapshot.ts';
import { git, repositoryWith, writeFiles } from '../../support/repository.ts';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function repository(files: Record<string, string>): string {
  const folder = repositoryWith(files);
  folders.push(folder);
  return folder;
}
const NUMBERS = Array.from({ length: 40 }, (_, n) => `line ${n}`).join('\n') + '\n';
const state = (folder: string) => [
  git(folder, 'status', '--porcelain'),
  git(folder, 'for-each-ref'),
  git(folder, 'count-objects'),
];

/** The agent's commit on top of a base, as it comes back from a session. */
async function workOn(folder: string, files: Record<string, string>): Promise<{ base: string; work: string }> {
  const base = await takeSnapshot(await openRepository(folder));
  const other = repository({});
  git(other, 'fetch', '-q', folder, 'HEAD');
  git(other, 'checkout', '-q', git(folder, 'rev-parse', 'HEAD').trim());
  git(other, 'read-tree', '-u', '--reset', 'HEAD');
  writeFiles(other, { ...files });
  git(other, 'add', '-A');
  git(other, 'commit', '-q', '-m', 'work');
  git(folder, 'fetch', '-q', other, 'HEAD:refs/heads/tack/x');
  base.dispose();
  return { base: git(folder, 'rev-parse', 'HEAD').trim(), work: git(folder, 'rev-parse', 'tack/x').trim() };
}

async function snapshotCommit(folder: string, options?: { readonly clean: boolean }): Promise<string> {
  const snapshot = await takeSnapshot(await openRepository(folder), options);
  snapshot.dispose();
  return snapshot.commit;
}

describe('takeSnapshot', () => {
  it('takes uncommitted and untracked files along and changes nothing in the repository', async () => {
    const folder = repository({ 'a.txt': 'a\n', '.gitignore': 'ignored\n' });
    writeFiles(folder, { 'a.txt': 'changed\n', 'new.txt': 'new\n', ignored: 'no\n' });
    const before = state(folder);
    const snapshot = await takeSnapshot(await openRepository(folder));
    const listed = Object.entries(snapshot.env).reduce((env, [key, value]) => ({ ...env, [key]: value }), {});
    expect(listed).toMatchObject({ GIT_OBJECT_DIRECTORY: expect.stringContaining('tack-snapshot-') as string });
    expect(snapshot.commit).not.toBe(git(folder, 'rev-parse', 'HEAD').trim());
    expect(state(folder)).toEqual(before);
    snapshot.dispose();
  });

  it('is HEAD itself where nothing was changed, and with --clean', async () => {
    const folder = repository({ 'a.txt': 'a\n' });
    const head = git(folder, 'rev-parse', 'HEAD').trim();
    expect(await snapshotCommit(folder)).toBe(head);
    writeFiles(folder, { 'a.txt': 'changed\n' });
    expect(await snapshotCommit(folder, { clean: true })).toBe(head);
  });

  it('works on an unborn branch, and leaves out a nested repository without a commit, saying so', async () => {
    const folder = repository({});
    git(folder, 'update-ref', '-d', 'HEAD');
    writeFiles(folder, { 'a.txt': 'a\n' });
    mkdirSync(join(folder, 'nested'));
    git(join(folder, 'nested'), 'init', '-q');
    const snapshot = await takeSnapshot(await openRepository(folder));
    expect(snapshot.notes).toEqual(['Left out: nested, a repository of its own without a commit.']);
    expect(snapshot.commit).toMatch(/^[0-9a-f]{40}$/);
    snapshot.dispose();
  });

  it('names the way out where there is no repository', async () => {
    await expect(openRepository('/')).rejects.toMatchObject({
      code: 'repository_missing',
      message: expect.stringContaining('git init') as string,
    });
  });
});

describe('applyWork', () => {
  it('puts the work into a dirty tree without losing a line, and leaves the index alone', async () => {
    const folder = repository({ 'numbers.txt': NUMBERS, 'gone.txt': 'x\n', 'latin.txt': 'x\n' });
    const work = await workOn(folder, {
      'numbers.txt': NUMBERS.replace('line 3\n', 'line three\n'),
      'added.txt': 'added\n',
    });
    writeFiles(folder, { 'numbers.txt': NUMBERS.replace('line 33\n', 'mine\n'), 'mine.txt': 'mine\n' });
    writeFileSync(join(folder, 'latin.txt'), Buffer.from([0xe9, 0x0a]));
    const staged = git(folder, 'diff', '--cached', '--name-only');
    const changed = await applyWork(await openRepository(folder), work);
    expect(changed.toSorted()).toEqual(['added.txt', 'numbers.txt']);
    expect(readFileSync(join(folder, 'numbers.txt'), 'utf8')).toBe(
      NUMBERS.replace('line 3\n', 'line three\n').replace('line 33\n', 'mine\n'),
    );
    expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine\n');
    expect(readFileSync(join(folder, 'latin.txt'))).toEqual(Buffer.from([0xe9, 0x0a]));
    expect(git(folder, 'diff', '--cached', '--name-only')).toBe(staged);
    expect(await applyWork(await openRepository(folder), work)).toEqual([]);
  });

  it('writes nothing and names the files when both changed the same lines', async () => {
    const folder = repository({ 'numbers.txt': NUMBERS, 'other.txt': 'o\n' });
    const work = await workOn(folder, {
      'numbers.txt': NUMBERS.replace('line 3\n', 'theirs\n'),
      'other.txt': 'theirs\n',
    });
    writeFiles(folder, { 'numbers.txt': NUMBERS.replace('line 3\n', 'mine\n') });
    await expect(applyWork(await openRepository(folder), work)).rejects.toMatchObject({
      code: 'workspace_dirty',
      data: { files: ['numbers.txt'] },
    });
    expect(readFileSync(join(folder, 'other.txt'), 'utf8')).toBe('o\n');
  });

  it('does not overwrite a file that git ignores', async () => {
    const folder = repository({ 'a.txt': 'a\n' });
    const work = await workOn(folder, { 'build/out.txt': 'theirs\n' });
    writeFiles(folder, { '.gitignore': 'build\n', 'build/out.txt': 'mine\n' });
    await expect(applyWork(await openRepository(folder), work)).rejects.toMatchObject({ code: 'workspace_dirty' });
    expect(readFileSync(join(folder, 'build/out.txt'), 'utf8')).toBe('mine\n');
  });

  it('keeps bytes that are not UTF-8', async () => {
    const folder = repository({ 'a.txt': 'a\n' });
    const base = git(folder, 'rev-parse', 'HEAD').trim();
    writeFileSync(join(folder, 'a.txt'), Buffer.from('caf\xe9\na\n', 'latin1'));
    git(folder, 'commit', '-q', '-am', 'latin');
    const work = git(folder, 'rev-parse', 'HEAD').trim();
    git(folder, 'reset', '-q', '--hard', base);
    await applyWork(await openRepository(folder), { base, work });
    expect(readFileSync(join(folder, 'a.txt'))).toEqual(Buffer.from('caf\xe9\na\n', 'latin1'));
  });
});

describe('findIncluded', () => {
  it('finds the usual ignored folders with their sizes, and refuses a named one that is missing', async () => {
    const folder = repository({ '.gitignore': 'node_modules\n', 'vendor/x': 'tracked\n' });
    writeFiles(folder, { 'node_modules/a/index.js': '12345' });
    const found = await findIncluded(await openRepository(folder));
    expect(found.map(({ path, bytes }) => ({ path, bytes }))).toEqual([{ path: 'node_modules', bytes: 5 }]);
    await expect(findIncluded(await openRepository(folder), ['nope'])).rejects.toMatchObject({ code: 'usage_invalid' });
  });
});
