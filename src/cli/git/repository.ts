/** The person's repository: where it is, and which project it is to Tackroom. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { machineId } from '../../config.ts';
import { TackError } from '../../domain/errors.ts';
import type { ProjectId } from '../../domain/ids.ts';
import { runGit, tryGit } from './run.ts';

export interface Repository {
  /** Top of the working tree. */
  readonly top: string;
  readonly git_dir: string;
  /** Shared by all working trees of the repository. */
  readonly common_dir: string;
  readonly project_id: ProjectId;
  /** Null: no commit yet. */
  readonly head: string | null;
  readonly is_shallow: boolean;
}

/** The repository around a folder. `repository_missing` when there is none, or one without a working tree. */
export async function openRepository(cwd: string): Promise<Repository> {
  const found = await tryGit({
    cwd,
    args: [
      'rev-parse',
      '--path-format=absolute',
      '--show-toplevel',
      '--absolute-git-dir',
      '--git-common-dir',
      '--is-shallow-repository',
    ],
  });
  const [top, git_dir, common_dir, shallow] = found.stdout.trimEnd().split('\n');
  if (found.code !== 0 || !top || !git_dir || !common_dir) throw missing(cwd, found.stderr);
  const head = await tryGit({ cwd: top, args: ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'] });
  return {
    top,
    git_dir,
    common_dir,
    project_id: projectId(common_dir),
    head: head.code === 0 ? head.stdout.trim() : null,
    is_shallow: shallow === 'true',
  };
}

function projectId(common_dir: string): ProjectId {
  const digest = createHash('sha256')
    .update(`${machineId()}\0${realpathSync(common_dir)}`)
    .digest('hex');
  return `prj_${digest.slice(0, 16)}`;
}

function missing(cwd: string, stderr: string): TackError {
  if (/dubious ownership/.test(stderr)) {
    return new TackError(
      'repository_missing',
      `git refuses ${cwd}: it belongs to somebody else. Allow it with \`git config --global --add safe.directory ${cwd}\`.`,
    );
  }
  if (/must be run in a work tree|cannot use bare repository/.test(stderr))
    return new TackError(
      'repository_missing',
      `${cwd} is a bare repository, or looks like one: change into a working tree.`,
    );
  return new TackError(
    'repository_missing',
    `${cwd} is not in a git repository. Make it one: \`git init && git add -A && git commit -m start\`.`,
  );
}

/** Refuses branch names, paths and ids that git would take for an option. */
export async function commitOf(repository: Repository, name: string): Promise<string | null> {
  const answer = await tryGit({
    cwd: repository.top,
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
  });
  return answer.code === 0 ? answer.stdout.trim() : null;
}

/** The tree of a commit. */
export const treeOf = (repository: Repository, commit: string): Promise<string> =>
  runGit({ cwd: repository.top, args: ['rev-parse', `${commit}^{tree}`] });
