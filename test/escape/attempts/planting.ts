/** W2 to W7: what would make the host's git run the agent's command. Each try has a repository of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseRefOf, workRefOf } from '../../../src/domain/git-names.ts';
import { ensureProject, HOST_GIT_ENV, hostGitWords, prepareWorktree } from '../../../src/sandbox/index.ts';
import { personsGit, type Place } from '../../integration/sandbox/place.ts';
import { lastLine, type Attempt, type Outcome } from '../attempt.ts';

export interface Prepared {
  readonly objects: string;
  readonly git_dir: string;
}

/** A project with one commit, and a session's worktree of it. */
export async function aWorktree({
  home,
  folders,
  sandbox,
}: Pick<Place, 'home' | 'folders' | 'sandbox'>): Promise<Prepared> {
  const person = join(home, 'person');
  mkdirSync(person);
  writeFileSync(join(person, 'a.txt'), 'one\n');
  personsGit(person, 'init', '-q');
  personsGit(person, 'add', '-A');
  personsGit(person, 'commit', '-qm', 'start');
  const { git_dir, objects } = await ensureProject(join(home, 'prj.git'));
  personsGit(person, 'push', '-q', git_dir, `HEAD:${baseRefOf('ses_1')}`);
  personsGit(git_dir, 'update-ref', workRefOf('other'), baseRefOf('ses_1'));
  await prepareWorktree({
    ...{ session_id: 'ses_1', sandbox, project_git_dir: git_dir, base_ref: baseRefOf('ses_1') },
    ...{ folders, branch: 'tack/fix' },
  });
  return { git_dir, objects };
}

/** git as a person runs it who does not know better, in a folder that the agent wrote; the codes of its runs. */
function naiveGit(cwd: string, objects: string): readonly (number | null)[] {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_ALTERNATE_OBJECT_DIRECTORIES: objects };
  const as = ['-c', 'safe.directory=*', '-c', 'user.name=P', '-c', 'user.email=p@example.invalid'];
  const runs = [
    ['status'],
    ['diff'],
    ['log', '-1'],
    ['add', '-A'],
    ['commit', '--allow-empty', '-qm', 'x'],
    ['checkout', '-qb', 'y'],
  ];
  return runs.map((args) => spawnSync('git', [...as, ...args], { cwd, env }).status);
}

/** git as a role runs it. */
function hostsGit(cwd: string, objects: string): readonly (number | null)[] {
  const [file = '', ...words] = hostGitWords();
  const env = { ...HOST_GIT_ENV, GIT_ALTERNATE_OBJECT_DIRECTORIES: objects };
  return [['status'], ['diff'], ['log', '-1']].map((args) => spawnSync(file, [...words, ...args], { cwd, env }).status);
}

interface Planting {
  readonly id: string;
  readonly attempt: string;
  readonly expected: string;
  /** `$MARKER` is a file of the host, `$HOST_WORK` the worktree as the host sees it. */
  readonly script: string;
  /** Below the worktree: where git is run. */
  readonly cwd?: string;
  /** No mount covers it: what keeps a role from obeying is how it calls git. */
  readonly only_roles?: true;
}

const HOSTILE = 'core.fsmonitor "touch $MARKER #"';
const PLANTINGS: readonly Planting[] = [
  ...['pre-commit', 'post-commit', 'post-checkout', 'post-index-change'].map((hook): Planting => ({
    id: 'W2',
    attempt: `plant a hook: ${hook}`,
    expected: 'read-only',
    script: `printf '#!/bin/sh\\ntouch %s\\n' "$MARKER" > .git/hooks/${hook}; chmod +x .git/hooks/${hook}`,
  })),
  {
    id: 'W2',
    attempt: 'remove the folder of hooks and make another one',
    expected: 'read-only',
    script: `mv .git/hooks .git/old; rm -rf .git/hooks; mkdir .git/hooks
      printf '#!/bin/sh\\ntouch %s\\n' "$MARKER" > .git/hooks/post-commit; chmod +x .git/hooks/post-commit`,
  },
  { id: 'W3', attempt: 'git config core.fsmonitor', expected: 'read-only', script: `git config ${HOSTILE}` },
  {
    id: 'W3',
    attempt: 'append to .git/config; replace it',
    expected: 'read-only',
    script: `printf '[core]\\n\\tfsmonitor = "touch %s #"\\n' "$MARKER" >> .git/config
      cp .git/config c; git config -f c ${HOSTILE}; mv -f c .git/config`,
  },
  {
    id: 'W3',
    attempt: 'a configuration of the worktree alone (config.worktree)',
    expected: 'read-only',
    script: `git config extensions.worktreeConfig true; git config -f .git/config.worktree ${HOSTILE}`,
  },
  {
    id: 'W3',
    attempt: 'a filter by .git/info/attributes',
    expected: 'read-only',
    script: `git config filter.x.clean "touch $MARKER; cat"; echo '* filter=x' > .git/info/attributes; echo two > a.txt`,
  },
  {
    id: 'W4',
    attempt: 'move .git away, copy it back with another configuration',
    expected: 'busy: it is a mount',
    script: `mv .git old && cp -r old .git; git config -f .git/config ${HOSTILE}`,
  },
  {
    id: 'W4',
    attempt: 'put a file in place of .git that names another folder',
    expected: 'busy: it is a mount',
    script: `cp -r .git evil; rm -f evil/commondir; git config -f evil/config ${HOSTILE}; mv .git old; echo "gitdir: $HOST_WORK/evil" > .git`,
  },
  {
    id: 'W5',
    attempt: 'a common folder elsewhere (commondir)',
    expected: 'read-only',
    script: `cp -r .git evil; rm -f evil/commondir; git config -f evil/config ${HOSTILE}; echo "$HOST_WORK/evil" > .git/commondir`,
  },
  {
    id: 'W6',
    attempt: 'a nested repository with a configuration of its own, added as a link',
    expected: 'not looked into by a role’s git',
    only_roles: true,
    script: `git init -q nested && git -C nested commit -q --allow-empty -m x && git add nested && git -C nested config ${HOSTILE}`,
  },
  {
    id: 'W7',
    attempt: 'a bare repository in a folder, git run in it',
    expected: 'refused by a role’s git',
    only_roles: true,
    cwd: 'bare',
    script: `git init -q --bare bare && git -C bare config core.bare false && git -C bare config core.worktree . && git -C bare config ${HOSTILE}`,
  },
];

export const PLANTING: readonly Attempt[] = [
  ...PLANTINGS.map(({ script, cwd = '.', only_roles, ...row }): Attempt => ({
    ...row,
    async run({ kind, place, sh }): Promise<Outcome> {
      const { objects } = await aWorktree(place);
      const marker = join(place.home, 'marker');
      const env = { MARKER: marker, HOST_WORK: place.folders.work, ...IDENTITY };
      const { err } = await sh(script, { env, ...(kind === 'inside' && { more: { base_objects: objects } }) });
      const where = join(place.folders.work, cwd);
      const codes = kind === 'inside' && only_roles ? hostsGit(where, objects) : naiveGit(where, objects);
      const through = existsSync(marker);
      // a repository that git refuses proves nothing: whatever was tried before ruined it
      const isUsable = only_roles || codes.every((code) => code === 0);
      return {
        through: through || !isUsable,
        saw: through
          ? 'it ran on the host'
          : isUsable
            ? lastLine(err) || 'it did not run'
            : `git ended with ${codes.join(' ')}`,
      };
    },
  })),
  {
    id: 'W14',
    attempt: 'remove or change the objects that sessions of a project share',
    expected: 'read-only',
    async run({ kind, place, sh }) {
      const { objects } = await aWorktree(place);
      const before = listing(objects);
      const script = `for d in /run/tack-base "$OBJECTS" "$(cat .git/objects/info/alternates)"; do rm -rf $d/*; touch $d/x; done; echo /tmp > .git/objects/info/alternates`;
      const { err } = await sh(script, {
        env: { OBJECTS: objects },
        ...(kind === 'inside' && { more: { base_objects: objects } }),
      });
      const through = listing(objects) !== before;
      return { through, saw: through ? 'they changed' : lastLine(err) };
    },
  },
  {
    id: 'W14',
    attempt: 'move the branch of another session',
    expected: 'it is not there',
    async run({ kind, place, sh }) {
      const { git_dir, objects } = await aWorktree(place);
      const ref = workRefOf('other');
      const tip = () => personsGit(git_dir, 'rev-parse', ref);
      const before = tip();
      const script = `c=$(git commit-tree -m mine HEAD^{tree}); for d in "$PROJECT" /run/tack-base/..; do
        GIT_ALTERNATE_OBJECT_DIRECTORIES=$PWD/.git/objects git --git-dir="$d" update-ref ${ref} $c
        git push "$d" "+$c:${ref}"; git push "$d" ":${ref}"; echo $c > "$d/${ref}"; done`;
      const env = { PROJECT: git_dir, ...IDENTITY };
      const { err } = await sh(script, { env, ...(kind === 'inside' && { more: { base_objects: objects } }) });
      const through =
        spawnSync('git', ['-c', 'safe.directory=*', 'rev-parse', '--verify', ref], {
          cwd: git_dir,
          encoding: 'utf8',
        }).stdout.trim() !== before;
      return { through, saw: through ? 'it moved' : lastLine(err) };
    },
  },
];

const IDENTITY = {
  ...{ GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.invalid' },
  ...{ GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.invalid' },
};
const listing = (folder: string): string => readdirSync(folder, { recursive: true }).toSorted().join('\n');
