/** Contents that no log, no row and no history of the engine names. Only while nothing runs: what a role writes down just now is named a moment later. */
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { blobRows, digestsIn, eachDigest, removeBlobRows } from '../../store/index.ts';
import type { Finding } from './finding.ts';

export interface BlobParts {
  readonly data_folder: string;
  /** Somebody may write. */
  readonly is_running: boolean;
}

export function blobs({ data_folder, is_running }: BlobParts): Finding | null {
  const store = join(data_folder, 'store.db');
  const rows = new Map(blobRows(store));
  const files = filesIn(join(data_folder, 'blobs'));
  const forget = (digest: string): void => {
    rows.delete(digest);
    files.delete(digest);
  };
  for (const [name, { path }] of [...files])
    if (/^[0-9a-f]{64}$/.test(name)) for (const digest of digestsIn(readFileSync(path))) forget(digest);
  eachDigest({ store, engine: join(data_folder, 'engine', 'temporal.db') }, forget);
  const count = rows.size + files.size;
  if (count === 0) return null;
  const bytes = [...rows.values(), ...[...files.values()].map((file) => file.bytes)].reduce((sum, one) => sum + one, 0);
  return {
    what: 'blobs',
    name: `${count} contents`,
    bytes,
    why: is_running
      ? 'named nowhere now; they go while nothing runs (`tack down` first)'
      : 'no log, no row and no history names them',
    remove: is_running
      ? null
      : async () => {
          removeBlobRows(store, [...rows.keys()]);
          for (const { path } of files.values()) rmSync(path);
        },
  };
}

/** By name: a digest, or one with the mark of whoever did not come to the end of writing it. */
function filesIn(folder: string): Map<string, { readonly path: string; readonly bytes: number }> {
  const found = new Map<string, { readonly path: string; readonly bytes: number }>();
  if (!existsSync(folder)) return found;
  for (const part of readdirSync(folder))
    for (const name of readdirSync(join(folder, part))) {
      const path = join(folder, part, name);
      found.set(name, { path, bytes: lstatSync(path).size });
    }
  return found;
}
