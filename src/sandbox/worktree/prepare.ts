import { chownSync } from 'node:fs';
import { lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TackError } from '../../domain/errors.ts';
import { INSIDE, type Sandbox, type SessionFolders } from '../contract.ts';
import { PLANTED_FILES, PLANTED_FOLDERS } from '../../domain/planted.ts';
import { hostGit } from './host-git.ts';
import { copyIncluded, type Included, type IncludeRequest } from './include.ts';
import { runInside } from './inside.ts';

/** What a session's worktree is made from. */
export interface WorktreeRequest {
  readonly session_id: string;
  readonly sandbox: Sandbox;
  readonly project_git_dir: string;
  /** A ref or an object id in the project: the commit the session starts from. */
  readonly base_ref: string;
  readonly folders: SessionFolders;
  /** The branch the session works on, e.g. `tack/<slug>`. */
  readonly branch: string;
  /** Folders that git ignores and the work needs, copied from the person's checkout. */
  readonly include?: IncludeRequest;
}

export interface Worktree {
  readonly base_commit: string;
  readonly branch: string;
  readonly included: readonly Included[];
}

/**
 * Makes the session's folders and its private repository, with the base commit checked out; its objects come from the
 * project, read-only. Called again it gives what it made before; what a crash left half-made is made anew. Nothing of the
 * repository is obeyed: the files are written inside a sandbox, by the uid that owns them.
 */
export async function prepareWorktree(request: WorktreeRequest): Promise<Worktree> {
  const { session_id, folders, sandbox, branch } = request;
  const marker = join(dirname(folders.work), 'worktree.json');
  const before = await readMarker(marker);
  if (before) return before;

  const base_commit = await commitOf(request.project_git_dir, request.base_ref);
  await makeFolders(folders, sandbox.uid);
  const place = { folders, base_objects: join(request.project_git_dir, 'objects') };
  await writeRepository(join(folders.work, '.git'), {
    branch,
    objects: sandbox.paths(place).base,
    uid: sandbox.uid,
  });
  await runInside(sandbox, { session_id, ...place, script: CHECK_OUT, args: [INSIDE.work, base_commit, branch] });
  const included = request.include ? await copyIncluded({ session_id, sandbox, folders, ...request.include }) : [];
  const made: Worktree = { base_commit, branch, included };
  await writeFile(marker, JSON.stringify(made), { mode: 0o600 });
  return made;
}

async function readMarker(marker: string): Promise<Worktree | undefined> {
  try {
    return JSON.parse(await readFile(marker, 'utf8')) as Worktree;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function commitOf(git_dir: string, ref: string): Promise<string> {
  try {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
    return (await hostGit({ git_dir, args })).trim();
  } catch (cause) {
    throw new TackError('work_missing', `The project has no commit ${ref}`, { cause });
  }
}

async function makeFolders({ work, home, out }: SessionFolders, uid: number): Promise<void> {
  await mkdir(dirname(work), { recursive: true, mode: 0o711 });
  await rm(work, { recursive: true, force: true });
  for (const folder of [work, home, out]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (!(await lstat(folder)).isDirectory()) throw new TackError('sandbox_failed', `${folder} is no folder`);
    chownSync(folder, uid, uid);
  }
}

async function writeRepository(
  git: string,
  { branch, objects, uid }: { branch: string; objects: string; uid: number },
): Promise<void> {
  const folders = [
    '',
    'hooks',
    'info',
    'modules',
    'worktrees',
    'objects',
    'objects/info',
    'objects/pack',
    'refs',
    'refs/heads',
    'refs/tags',
  ];
  const files = {
    HEAD: `ref: refs/heads/${branch}\n`,
    config: CONFIG,
    commondir: '.\n',
    'info/exclude': [...PLANTED_FILES, ...PLANTED_FOLDERS].map((name) => `/${name}\n`).join(''),
    'objects/info/alternates': `${objects}\n`,
  };
  for (const name of folders) await mkdir(join(git, name), { mode: 0o755 });
  for (const [name, content] of Object.entries(files)) await writeFile(join(git, name), content, { flag: 'wx' });
  for (const name of [...folders, ...Object.keys(files)]) chownSync(join(git, name), uid, uid);
}

const CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	logallrefupdates = true
[gc]
	auto = 0
[maintenance]
	auto = false
`;

const CHECK_OUT = `
set -eu
cd "$1"
git check-ref-format "refs/heads/$3" || { echo "bad name of a branch: $3" >&2; exit 1; }
git update-ref refs/tack/base "$2"
git update-ref "refs/heads/$3" "$2"
git reset --quiet --hard
`;
