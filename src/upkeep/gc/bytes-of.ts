/** What a file or folder takes on the disk, as `du` counts it. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export function bytesOf(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  const own = stat.blocks * 512;
  return stat.isDirectory() ? entriesOf(path).reduce((sum, name) => sum + bytesOf(join(path, name)), own) : own;
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // closed to us: not counted
  }
}
