import { chownSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TackError } from '../../domain/errors.ts';

/**
 * Makes sure that folders to mount on are real folders. A symlink there would make bubblewrap create things wherever it
 * leads, so it is refused; what is missing is made here.
 */
export function makeMountPoints(parent: string, { names, uid }: { names: readonly string[]; uid: number }): void {
  for (const name of names) {
    const path = join(parent, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat && !stat.isDirectory()) {
      throw new TackError('sandbox_failed', `${path} is no folder: a mount there could lead anywhere`);
    }
    if (stat) continue;
    mkdirSync(path, { mode: 0o755 });
    chownSync(path, uid, uid);
  }
}
