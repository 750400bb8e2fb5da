import { chmodSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionFolders } from '../contract.ts';

/** Below a worktree, each in the one before: what every launch looks into. */
const GIT_FOLDERS = ['.git', 'objects', 'info'] as const;

/** Opens the folders of a session that an agent has closed to itself: what it did must be saved, and its next turn must start. */
export function openUp({ work, home, out }: SessionFolders): void {
  for (const folder of [home, out]) open(folder);
  let folder = work;
  for (const name of GIT_FOLDERS) {
    if (!open(folder)) return; // a symlink would lead to folders that are not the session's
    folder = join(folder, name);
  }
  open(folder);
}

/** False when it is no folder. */
function open(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return false;
  if ((stat.mode & 0o700) !== 0o700) chmodSync(folder, (stat.mode & 0o777) | 0o700);
  return true;
}
