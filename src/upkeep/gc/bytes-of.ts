/** What a file or folder takes on the disk, as `du` counts it. */
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';

export function bytesOf(path: string): number {
  const stat = lookAt(path);
  if (!stat) return 0;
  const own = stat.blocks * 512;
  return stat.isDirectory() ? entriesOf(path).reduce((sum, name) => sum + bytesOf(join(path, name)), own) : own;
}

/** Gone, closed to us, or deeper than a path may be: not counted. An agent can make all of them. */
function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // closed to us: not counted
  }
}
