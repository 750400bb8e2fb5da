import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hostGit } from './host-git.ts';

/** Folders that projects keep out of git and cannot run without. */
export const INCLUDED_BY_DEFAULT = ['node_modules', '.venv', 'venv', 'vendor', 'target'] as const;

/** How deep below the checkout a package of a larger repository lies, at most. */
const DEPTH = 4;

/**
 * The folders of these names in a person's checkout that the base commit does not have, nearest first: what git ignores
 * there and the work needs. A folder of such a name is not entered, nor is one that cannot be read.
 */
export async function findIncluded({
  source,
  git_dir,
  base_commit,
  names = INCLUDED_BY_DEFAULT,
}: {
  source: string;
  git_dir: string;
  base_commit: string;
  names?: readonly string[];
}): Promise<readonly string[]> {
  const found = await walk(source, names);
  const isTracked = async (path: string): Promise<boolean> =>
    (await hostGit({ git_dir, args: ['ls-tree', '-z', '--name-only', base_commit, '--', path] })) !== '';
  const tracked = await Promise.all(found.map(isTracked));
  return found.filter((_, at) => !tracked[at]);
}

async function walk(source: string, names: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  let level = [''];
  for (let depth = 0; depth < DEPTH && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      for (const name of await foldersOf(join(source, folder))) {
        if (names.includes(name)) found.push(join(folder, name));
        else if (!name.startsWith('.')) next.push(join(folder, name));
      }
    }
    level = next;
  }
  return found;
}

async function foldersOf(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted();
  } catch {
    // a folder that the worker may not read is one that it cannot copy
    return [];
  }
}
