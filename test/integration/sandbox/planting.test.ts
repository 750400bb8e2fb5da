import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseRefOf } from '../../../src/domain/git-names.ts';
import { checkpoint, ensureProject, HOST_GIT_ENV, hostGitWords, prepareWorktree } from '../../../src/sandbox/index.ts';
import { aPlace, aRequest, personsGit, type Place } from './place.ts';

interface Prepared {
  readonly place: Place;
  readonly objects: string;
  readonly git_dir: string;
  readonly base_commit: string;
  readonly marker: string;
}

async function prepared(kind: 'bubblewrap' | 'none'): Promise<Prepared> {
  const place = aPlace(kind);
  const person = join(place.home, 'person');
  mkdirSync(person);
  writeFileSync(join(person, 'a.txt'), 'one\n');
  personsGit(person, 'init', '-q');
  personsGit(person, 'add', '-A');
  personsGit(person, 'commit', '-qm', 'start');
  const { git_dir, objects } = await ensureProject(join(place.home, 'prj.git'));
  personsGit(person, 'push', '-q', git_dir, `HEAD:${baseRefOf('ses_1')}`);
  const { base_commit } = await prepareWorktree({
    session_id: 'ses_1',
    sandbox: place.sandbox,
    project_git_dir: git_dir,
    base_ref: base(),
    folders: place.folders,
    branch: 'tack/fix',
  });
  return { place, objects, git_dir, base_commit, marker: join(place.home, 'marker') };
}
const base = (): string => baseRefOf('ses_1');

/** What a person who does not know better does in the worktree; git must work, or nothing was tried. */
function naiveGit({ place, objects }: Prepared): readonly (number | null)[] {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_ALTERNATE_OBJECT_DIRECTORIES: objects };
  const run = (...args: string[]): number | null =>
    spawnSync('git', ['-c', 'safe.directory=*', ...args], { cwd: place.folders.work, env }).status;
  const identity = ['-c', 'user.name=P', '-c', 'user.email=p@example.invalid'];
  return [run('status'), run('diff'), run('log', '-1'), run(...identity, 'commit', '--allow-empty', '-qm', 'x')];
}

/** Attempts to make the host's git run a command. `$MARKER` is a path of the host. */
const ATTEMPTS: Readonly<Record<string, string>> = {
  'a hook': `printf '#!/bin/sh\\ntouch %s\\n' "$MARKER" > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit`,
  'a folder of hooks in place of the other': `mv .git/hooks .git/old; rm -rf .git/hooks; mkdir .git/hooks
    printf '#!/bin/sh\\ntouch %s\\n' "$MARKER" > .git/hooks/post-commit; chmod +x .git/hooks/post-commit`,
  'a setting': 'git config core.fsmonitor "touch $MARKER #"',
  'a line appended to the settings': `printf '[core]\\n\\tfsmonitor = "touch %s #"\\n' "$MARKER" >> .git/config`,
  'the repository moved and rebuilt': `mv .git old && cp -r old .git; git config -f .git/config core.fsmonitor "touch $MARKER #"`,
  'a common folder elsewhere': `cp -r .git evil; rm -f evil/commondir; git config -f evil/config core.fsmonitor "touch $MARKER #"
    echo "$PWD/evil" | sed "s,/home/agent/work,$HOST_WORK," > .git/commondir`,
};

describe('a repository that the agent prepares for the host', () => {
  const made: Prepared[] = [];
  const make = async (kind: 'bubblewrap' | 'none'): Promise<Prepared> => {
    const one = await prepared(kind);
    made.push(one);
    return one;
  };
  afterEach(() => {
    for (const { place } of made.splice(0)) place.remove();
  });

  it.each(Object.entries(ATTEMPTS))('is not obeyed: %s; without a sandbox it is', async (_, script) => {
    for (const kind of ['bubblewrap', 'none'] as const) {
      const one = await make(kind);
      const env = { MARKER: one.marker, HOST_WORK: one.place.folders.work };
      await one.place.run(script, { base_objects: one.objects, env });
      expect(naiveGit(one)).toEqual([0, 0, 0, 0]);
      expect([kind, existsSync(one.marker)]).toEqual([kind, kind === 'none']);
    }
  });

  it.each(['.git/hooks', '.git/info', '.git/modules', '.git/config', '.git/commondir', '.git'])(
    'is refused at the next launch when %s was replaced by a symlink, and nothing is made where it leads',
    async (name) => {
      const { place, objects } = await make('bubblewrap');
      const target = join(place.home, 'target');
      mkdirSync(target);
      const path = join(place.folders.work, name);
      if (name === '.git') renameSync(path, join(place.home, 'moved'));
      else rmSync(path, { recursive: true });
      symlinkSync(target, path);
      const launch = place.sandbox.launch({ ...aRequest(place.folders), base_objects: objects });
      await expect(launch).rejects.toMatchObject({ code: 'sandbox_failed' });
      expect(readdirSync(target)).toEqual([]);
    },
  );

  it('does not reach the objects of the project', async () => {
    const { place, objects } = await make('bubblewrap');
    const before = readdirSync(objects, { recursive: true });
    const script =
      'rm -rf /run/tack-base/*; touch /run/tack-base/x; echo > .git/objects/info/alternates; git log --format=%s';
    expect((await place.run(script, { base_objects: objects })).out).toBe('start\n');
    expect(readdirSync(objects, { recursive: true })).toEqual(before);
  });

  it('shows files that tools obey as empty and unwritable, and a checkpoint leaves them out', async () => {
    const { place, objects, git_dir, base_commit } = await make('bubblewrap');
    const script = `echo '{}' > .mcp.json; echo x > .envrc; mkdir -p .vscode .claude/commands .codex; echo x > .vscode/tasks.json
      echo x > .claude/commands/x.md; rm -rf .idea; echo kept > b.txt; git status --porcelain`;
    const ran = await place.run(script, { base_objects: objects });
    expect(ran.out).toBe('?? b.txt\n');
    const { commit, warnings } = await checkpoint({
      session_id: 'ses_1',
      sandbox: place.sandbox,
      project_git_dir: git_dir,
      folders: place.folders,
      base_commit,
      slug: 'fix',
      message: 'work',
    });
    expect([personsGit(git_dir, 'diff', '--name-only', base_commit, commit), warnings]).toEqual(['b.txt', []]);
  });
});

describe('the git of a role', () => {
  let place: Place;
  beforeEach(() => {
    place = aPlace('none');
  });
  afterEach(() => {
    place.remove();
  });

  const protectedGit = (cwd: string, ...args: readonly string[]): void => {
    const [file, ...words] = [...hostGitWords(), ...args];
    spawnSync(file as string, words, { cwd, env: HOST_GIT_ENV });
  };

  it('runs no command of a nested repository, which a person would', () => {
    const { work } = place.folders;
    const marker = join(place.home, 'marker');
    personsGit(work, 'init', '-q', 'nested');
    const nested = join(work, 'nested');
    personsGit(nested, 'commit', '-q', '--allow-empty', '-m', 'x');
    personsGit(work, 'init', '-q');
    personsGit(work, 'add', 'nested');
    personsGit(nested, 'config', 'core.fsmonitor', `touch ${marker} #`);
    protectedGit(work, 'status');
    protectedGit(work, 'diff');
    expect(existsSync(marker)).toBe(false);
    personsGit(work, 'status');
    expect(existsSync(marker)).toBe(true);
  });

  it('refuses a bare repository that happens to lie where it runs, which a person would not', () => {
    const bare = join(place.folders.work, 'bare');
    const marker = join(place.home, 'marker');
    personsGit(place.folders.work, 'init', '-q', '--bare', bare);
    personsGit(bare, 'config', 'alias.look', `!touch ${marker}`);
    protectedGit(bare, 'look');
    expect(existsSync(marker)).toBe(false);
    personsGit(bare, 'look');
    expect(existsSync(marker)).toBe(true);
  });
});
