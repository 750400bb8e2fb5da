/** Ignored folders that the project's tests need: found, measured, named to the session. */
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { machineId } from '../../config.ts';
import { TackError } from '../../domain/errors.ts';
import type { IncludedFolder } from '../../domain/included-folder.ts';
import type { Repository } from './repository.ts';
import { tryGit } from './run.ts';

const USUAL = ['node_modules', '.venv', 'vendor', 'target'] as const;

/** The named folders, else the usual ones at the top that git ignores. A named one that is missing is `usage_invalid`. */
export async function findIncluded(
  repository: Repository,
  named?: readonly string[],
): Promise<readonly IncludedFolder[]> {
  const found: IncludedFolder[] = [];
  for (const path of named ?? USUAL) {
    const source = join(repository.top, path);
    if (!isFolder(source)) {
      if (named) throw new TackError('usage_invalid', `include: there is no folder ${path} in ${repository.top}.`);
      continue;
    }
    const ignored = await tryGit({ cwd: repository.top, args: ['check-ignore', '--quiet', '--', path] });
    if (ignored.code === 0)
      found.push({ machine: machineId(), source: realpathSync(source), path, bytes: sizeOf(source) });
  }
  return found;
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function sizeOf(folder: string): number {
  let bytes = 0;
  const open = [folder];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const entry of readdirSync(next, { withFileTypes: true })) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) open.push(path);
      else bytes += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
    }
  }
  return bytes;
}
