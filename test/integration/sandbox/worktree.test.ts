import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseRefOf } from '../../../src/domain/git-names.ts';
import {
  checkpoint,
  ensureProject,
  hostGit,
  prepareWorktree,
  removeSessionFolder,
  type Worktree,
} from '../../../src/sandbox/index.ts';
import { bytesOf } from '../../../src/upkeep/gc/bytes-of.ts';
import { aPlace, personsGit, type Place, type Ran } from './place.ts';

describe.each(['bubblewrap', 'none'] as const)('a worktree in a sandbox of kind %s', (kind) => {
  let place: Place;
  let person: string;
  let git_dir: string;
  let objects: string;

  beforeEach(async () => {
    place = aPlace(kind);
    person = join(place.home, 'person');
    mkdirSync(join(person, 'src'), { recursive: true });
    writeFileSync(join(person, 'src/a.txt'), 'one\n');
    writeFileSync(join(person, '.gitignore'), 'node_modules\n');
    writeFileSync(join(person, '.mcp.json'), '{}\n');
    personsGit(person, 'init', '-q', '-b', 'main');
    personsGit(person, 'add', '-A');
    personsGit(person, 'commit', '-qm', 'start');
    git_dir = join(place.home, 'projects/prj_1.git');
    ({ objects } = await ensureProject(git_dir));
    personsGit(person, 'push', '-q', git_dir, `HEAD:${baseRefOf('ses_1')}`);
  });
  afterEach(() => {
    place.remove();
  });

  const prepare = (more: Partial<Parameters<typeof prepareWorktree>[0]> = {}): Promise<Worktree> =>
    prepareWorktree({
      session_id: 'ses_1',
      sandbox: place.sandbox,
      project_git_dir: git_dir,
      base_ref: baseRefOf('ses_1'),
      folders: place.folders,
      branch: 'tack/fix',
      ...more,
    });
  const inside = (script: string): Promise<Ran> => place.run(script, { base_objects: objects });
  const save = (base_commit: string): ReturnType<typeof checkpoint> =>
    checkpoint({
      session_id: 'ses_1',
      sandbox: place.sandbox,
      project_git_dir: git_dir,
      folders: place.folders,
      base_commit,
      slug: 'fix',
      message: 'Work of the session',
    });
  const inProject = (...args: readonly string[]): Promise<string> => hostGit({ git_dir, args });

  it('has the base commit checked out on the branch, clean, owned by the uid of the sandbox', async () => {
    const made = await prepare();
    const ran = await inside('cat src/a.txt; git status --porcelain; git branch --show-current; git log --format=%s');
    expect(ran).toEqual({ out: 'one\ntack/fix\nstart\n', err: '', code: 0 });
    expect(made).toEqual({ base_commit: personsGit(person, 'rev-parse', 'HEAD'), branch: 'tack/fix', included: [] });
    expect(lstatSync(join(place.folders.work, 'src/a.txt')).uid).toBe(place.sandbox.uid);
  });

  it('is the same one when it is asked for again, and is made anew after a crash half-way', async () => {
    await prepare();
    writeFileSync(join(place.folders.work, 'mine.txt'), 'kept');
    await prepare();
    expect(readFileSync(join(place.folders.work, 'mine.txt'), 'utf8')).toBe('kept');
    rmSync(join(place.folders.work, '..', 'worktree.json'));
    await prepare();
    expect(existsSync(join(place.folders.work, 'mine.txt'))).toBe(false);
  });

  it('lets the agent commit, stash, rebase, branch and check its repository', async () => {
    await prepare();
    const script = `set -e
      echo two >> src/a.txt; git commit -qam two
      echo three >> src/a.txt; git stash -q; git stash pop -q; git commit -qam three
      git rebase -q refs/tack/base --force-rebase
      git checkout -qb side; git checkout -q tack/fix; git branch -qD side
      git fsck --strict --no-dangling 2>&1; git log --format=%s`;
    expect(await inside(script)).toMatchObject({ out: 'three\ntwo\nstart\n', code: 0 });
  });

  it('saves what is committed and what is not, and leaves branch, index and files alone', async () => {
    const { base_commit } = await prepare();
    await inside(`echo two >> src/a.txt; git commit -qam two; echo new > new.txt; git add new.txt; echo later > later.txt
      mkdir node_modules; echo ignored > node_modules/x`);
    const before = await inside('git status --porcelain; git rev-parse HEAD');
    const { commit, ref, warnings } = await save(base_commit);
    expect(await inside('git status --porcelain; git rev-parse HEAD')).toEqual(before);
    expect([ref, warnings]).toEqual(['refs/tack/work/fix', []]);
    expect((await inProject('rev-parse', ref)).trim()).toBe(commit);
    expect(await inProject('log', '--format=%s|%an', commit)).toBe(
      'Work of the session|Tackroom agent\ntwo|Tackroom agent\nstart|A Person\n',
    );
    expect(await inProject('diff', '--name-only', base_commit, commit)).toBe('later.txt\nnew.txt\nsrc/a.txt\n');
    expect(await inProject('fsck', '--strict', '--no-dangling')).toBe('');
  });

  it('gives the same commit when nothing has changed since', async () => {
    const { base_commit } = await prepare();
    expect((await save(base_commit)).commit).toBe(base_commit);
    await inside('echo two > two.txt');
    const first = await save(base_commit);
    expect(await save(base_commit)).toEqual(first);
    await inside('rm two.txt');
    expect((await save(base_commit)).commit).toBe(base_commit);
    expect((await inProject('rev-parse', 'refs/tack/work/fix')).trim()).toBe(base_commit);
  });

  it('can be fetched by the person who pushed the base', async () => {
    const { base_commit } = await prepare();
    await inside('echo two > two.txt');
    const { commit } = await save(base_commit);
    personsGit(person, 'fetch', '-q', git_dir, '+refs/tack/work/fix:refs/heads/tack/fix');
    expect(personsGit(person, 'rev-parse', 'tack/fix')).toBe(commit);
  });

  it('saves a change that the agent told git not to look at', async () => {
    const { base_commit } = await prepare();
    await inside('git update-index --assume-unchanged src/a.txt; echo hidden > src/a.txt');
    const { commit } = await save(base_commit);
    expect(await inProject('show', `${commit}:src/a.txt`)).toBe('hidden\n');
  });

  it('saves the other files when one cannot be read or is a nested repository, and says so', async () => {
    const { base_commit } = await prepare();
    await inside('echo two > two.txt; mkdir nested && git -C nested init -q; echo x > nested/x');
    const { commit, warnings } = await save(base_commit);
    expect(await inProject('show', `${commit}:two.txt`)).toBe('two\n');
    expect(warnings.join('\n')).toContain('nested');
  });

  it('saves the files, and goes on, when the agent closed its folders to itself', async () => {
    const { base_commit } = await prepare();
    await inside('echo two > src/b.txt; chmod 000 .git/objects .git .; chmod 000 "$HOME"');
    const { commit } = await save(base_commit);
    expect(await inProject('diff', '--name-only', base_commit, commit)).toBe('src/b.txt\n');
    expect((await inside('git status --porcelain')).out).toBe('?? src/b.txt\n');
  });

  it('saves the files even when the agent ruined its repository', async () => {
    const { base_commit } = await prepare();
    await inside('echo two > two.txt; rm -rf .git/refs .git/HEAD .git/index .git/objects/pack 2>/dev/null; true');
    const { commit, warnings } = await save(base_commit);
    expect(await inProject('show', `${commit}:two.txt`)).toBe('two\n');
    expect(await inProject('show', `${commit}:src/a.txt`)).toBe('one\n');
    expect(warnings[0]).toContain('not usable');
  });

  it('copies what git ignores and the work needs, with sizes, and never what a symlink names', async () => {
    mkdirSync(join(person, 'node_modules/dep'), { recursive: true });
    writeFileSync(join(person, 'node_modules/dep/index.js'), 'module.exports = 1\n', { mode: 0o755 });
    symlinkSync('dep/index.js', join(person, 'node_modules/link'));
    symlinkSync(join(place.home, '.ssh'), join(person, 'vendor'));
    const paths = ['node_modules', 'vendor', '../person', 'target', '.git'];
    const { included } = await prepare({ include: { source: person, paths } });
    expect(included).toEqual([
      { path: 'node_modules', bytes: expect.any(Number) as number, files: 1 },
      { path: 'vendor', left_out: 'is no folder of its own' },
      { path: '../person', left_out: 'is not below the checkout' },
      { path: 'target', left_out: 'is not there, or cannot be read' },
      { path: '.git', left_out: 'belongs to git' },
    ]);
    const ran = await inside('cat node_modules/link; stat -c %a node_modules/dep/index.js; git status --porcelain');
    expect(ran.out).toBe('module.exports = 1\n755\n');
  });

  it('has nothing to copy from a checkout that is not on this machine', async () => {
    const source = '/no/such/checkout';
    const { included } = await prepare({ include: { source, paths: ['node_modules'] } });
    expect(included).toEqual([{ path: 'node_modules', left_out: 'is not there, or cannot be read' }]);
  });

  it('does not start from a commit that is not there', async () => {
    await expect(prepare({ base_ref: 'refs/tack/base/ses_2' })).rejects.toMatchObject({ code: 'work_missing' });
  });

  it('is removed with all that is in it, and nothing that it points to', async () => {
    await prepare();
    const keep = join(place.home, 'keep');
    mkdirSync(keep);
    writeFileSync(join(keep, 'file'), 'x');
    await inside(`ln -s ${keep} link; mkdir -p closed/deep; touch closed/deep/x; chmod 0 closed/deep closed`);
    await removeSessionFolder(join(place.folders.work, '..'));
    await removeSessionFolder(join(place.folders.work, '..'));
    expect([existsSync(place.folders.work), existsSync(join(keep, 'file'))]).toEqual([false, true]);
  });

  it('is removed with folders that lie deeper than a path may be, and with names that are no text', async () => {
    const bury = 'for (1..30) { mkdir "x" x 200; chdir "x" x 200 }';
    await inside(`perl -e 'mkdir "\\xff\\xfe"; ${bury}'; chmod 500 "$(printf '\\377\\376')"`);
    const session = join(place.folders.work, '..');
    const twin = join(place.home, 'twin'); // the control: whoever goes by paths
    mkdirSync(twin);
    execFileSync('perl', ['-e', bury], { cwd: twin });
    await expect(rm(twin, { recursive: true })).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
    execFileSync('rm', ['-rf', twin]);
    expect(bytesOf(session)).toBeGreaterThan(0);
    await removeSessionFolder(session);
    expect(readdirSync(join(session, '..')).filter((name) => name.startsWith(basename(session)))).toEqual([]);
  });
});
