/** Work out: a session's changes onto the person's working tree, in three ways, without losing a line. */
import { TackError } from '../../domain/errors.ts';
import { treeOf, type Repository } from './repository.ts';
import { gitFailed, IDENTITY, runGit, tryGit } from './run.ts';
import { takeSnapshot, type Snapshot } from './snapshot.ts';

/** The session's base, and its work: two commits that the repository has. */
export interface Work {
  readonly base: string;
  readonly work: string;
}

/**
 * Merges the work into what lies in the working tree now (committed or not) and writes the result there; the index is left alone.
 * Answers the changed files. `workspace_dirty` names the files that both changed, and nothing was written.
 */
export async function applyWork(repository: Repository, { base, work }: Work): Promise<readonly string[]> {
  const now = await takeSnapshot(repository, { parent: base });
  try {
    const merged = await mergedTree(repository, now, { base, work });
    const patch = await runGit({
      cwd: repository.top,
      env: now.env,
      encoding: 'latin1',
      args: [
        'diff-tree',
        '-r',
        '-p',
        '--binary',
        '--full-index',
        '--no-renames',
        '--no-ext-diff',
        '--no-textconv',
        now.tree,
        merged,
      ],
    });
    if (patch === '') return [];
    const call = {
      cwd: repository.top,
      env: objectsOnly(now),
      config: now.config,
      encoding: 'latin1',
      args: ['apply', '--binary', '--whitespace=nowarn', '-'],
      input: `${patch}\n`,
    } as const;
    const answer = await tryGit(call);
    if (answer.code !== 0) throw overwritten(answer.stderr) ?? gitFailed(call, answer);
    const names = await runGit({
      cwd: repository.top,
      env: now.env,
      args: ['diff-tree', '-r', '-z', '--name-only', '--no-renames', now.tree, merged],
    });
    return names.split('\0').filter(Boolean);
  } finally {
    now.dispose();
  }
}

/** Both sides stand on the base, whatever history the agent made of its own. */
async function mergedTree(repository: Repository, now: Snapshot, { base, work }: Work): Promise<string> {
  const env = { ...now.env, ...IDENTITY };
  const ours = await runGit({
    cwd: repository.top,
    env,
    args: ['commit-tree', now.tree, '-p', base, '-m', 'ours'],
  });
  const theirs = await runGit({
    cwd: repository.top,
    env,
    args: ['commit-tree', await treeOf(repository, work), '-p', base, '-m', 'theirs'],
  });
  const call = {
    cwd: repository.top,
    env: now.env,
    config: now.config,
    args: ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs],
  };
  const answer = await tryGit(call);
  const [tree, ...conflicts] = answer.stdout.split('\0').filter(Boolean);
  if (answer.code === 1) throw conflict(conflicts);
  if (answer.code !== 0 || tree === undefined) throw gitFailed(call, answer);
  return tree;
}

/** `git apply` looks at the files, not at an index. */
function objectsOnly({ env }: Snapshot): Record<string, string> {
  const { GIT_INDEX_FILE: _index, ...objects } = env;
  return objects;
}

function conflict(files: readonly string[]): TackError {
  return new TackError(
    'workspace_dirty',
    `You and the session changed the same lines of: ${files.join(', ')}. Nothing was written. Commit or stash these files, or merge by hand: \`git merge tack/…\`.`,
    { data: { files } },
  );
}

/** A file that git ignores may stand where the work wants to create one. */
function overwritten(stderr: string): TackError | undefined {
  const files = [
    ...stderr.matchAll(
      /^error: (.+?): (?:already exists in working directory|patch does not apply|does not match index|No such file or directory)$/gm,
    ),
  ].map((match) => match[1] ?? '');
  if (files.length === 0) return undefined;
  return new TackError(
    'workspace_dirty',
    `These files of yours are in the way: ${files.join(', ')}. Nothing was written. Move them, then try again.`,
    { data: { files } },
  );
}
