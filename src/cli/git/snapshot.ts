/** HEAD with its uncommitted and untracked changes as one commit, made beside the repository: nothing in it changes. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownPrograms } from './own-programs.ts';
import { treeOf, type Repository } from './repository.ts';
import { gitFailed, IDENTITY, runGit, tryGit } from './run.ts';

export interface Snapshot {
  readonly commit: string;
  readonly tree: string;
  /** Makes the snapshot's objects visible to a git call. */
  readonly env: Readonly<Record<string, string>>;
  /** For git calls on files: no program of the repository's own settings. */
  readonly config: Readonly<Record<string, string>>;
  /** What was left out or taken differently, in words for the person. */
  readonly notes: readonly string[];
  /** Removes the temporary objects. */
  dispose(): void;
}

/**
 * Takes a snapshot of the working tree. `parent` is the commit it stands on: HEAD by default, none where the repository is shallow.
 * A clean working tree gives HEAD itself. `git_failed` when a file cannot be read.
 */
export async function takeSnapshot(
  repository: Repository,
  options: { readonly parent?: string; readonly clean?: boolean } = {},
): Promise<Snapshot> {
  const folder = mkdtempSync(join(tmpdir(), 'tack-snapshot-'));
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  try {
    const env = besides(repository, folder);
    const { config, notes: filtered } = await ownPrograms(repository.top);
    const notes = [...filtered];
    if (!options.clean || repository.head === null) await addAll(repository, { env, config }, notes);
    else await runGit({ cwd: repository.top, env, config, args: ['read-tree', repository.head] });
    // also what writes an index reads files: those that changed in the second in which it was written
    const tree = await runGit({ cwd: repository.top, env, config, args: ['write-tree'] });
    const parent = options.parent ?? (repository.is_shallow ? null : repository.head);
    if (repository.is_shallow) notes.push('This clone is shallow: the session sees the files, not the history.');
    const unchanged = parent !== null && parent === repository.head && (await treeOf(repository, parent)) === tree;
    const commit = unchanged
      ? parent
      : await runGit({
          cwd: repository.top,
          env: { ...env, ...IDENTITY },
          args: ['commit-tree', tree, ...(parent ? ['-p', parent] : []), '-m', 'Working tree'],
        });
    return { commit, tree, env, config, notes, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** A temporary index and object folder; the repository's own objects are read along. */
function besides(repository: Repository, folder: string): Record<string, string> {
  const objects = join(folder, 'objects');
  const index = join(folder, 'index');
  mkdirSync(join(objects, 'info'), { recursive: true });
  const own = join(repository.git_dir, 'index');
  if (existsSync(own)) copyFileSync(own, index); // keeps what git knows of unchanged files: fast, and sparse entries stay
  return {
    GIT_INDEX_FILE: index,
    GIT_OBJECT_DIRECTORY: objects,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(join(repository.common_dir, 'objects')),
  };
}

/** The variable is a list: a path with a colon or a quote is written as a C string. */
function quoted(path: string): string {
  return /[:"\n]/.test(path)
    ? `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
    : path;
}

/** Adds everything; a nested repository without a commit cannot be added and is left out, said. */
async function addAll(
  repository: Repository,
  settings: Pick<Snapshot, 'env' | 'config'>,
  notes: string[],
): Promise<void> {
  const excluded: string[] = [];
  for (;;) {
    const call = {
      cwd: repository.top,
      ...settings,
      args: ['add', '--all', '--', '.', ...excluded.map((path) => `:(exclude,literal,top)${path}`)],
    };
    const answer = await tryGit(call);
    if (answer.code === 0) break;
    const nested = /'(.+)\/' does not have a commit checked out/.exec(answer.stderr)?.[1];
    if (nested === undefined || excluded.includes(nested)) throw gitFailed(call, answer);
    excluded.push(nested);
    notes.push(`Left out: ${nested}, a repository of its own without a commit.`);
  }
  const links = (await runGit({ cwd: repository.top, ...settings, args: ['ls-files', '--stage', '-z'] }))
    .split('\0')
    .filter((line) => line.startsWith('160000 '));
  for (const line of links)
    notes.push(
      `Not inside: ${line.slice(line.indexOf('\t') + 1)}, a repository of its own (the session sees only its commit).`,
    );
}
