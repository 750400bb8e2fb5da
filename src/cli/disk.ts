/** What a data folder takes on the disk, and what is left. Folders are counted for a moment only: they may hold a million files. */
import { lstatSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

export const PARTS = ['store', 'engine', 'blobs', 'projects', 'sessions', 'logs'] as const;
export type DiskUse = Readonly<Record<(typeof PARTS)[number], number | null>> & { readonly free: number };

const COUNTED_WITHIN_MS = 300;

/** Bytes; null for a part that could not be counted in time. */
export function diskUse(data_folder: string): DiskUse {
  const at = (...names: string[]): string => join(data_folder, ...names);
  const { bavail, bsize } = statfsSync(data_folder);
  return {
    store: ['store.db', 'store.db-wal'].reduce((sum, name) => sum + sizeOf(at(name)), 0),
    engine: countFolder(at('engine')),
    blobs: countFolder(at('blobs')),
    projects: countFolder(at('projects')),
    sessions: countFolder(at('sessions')),
    logs: countFolder(at('logs')),
    free: bavail * bsize,
  };
}

/** Blocks of 512 bytes, as `du` counts them. */
const sizeOf = (path: string): number => (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;

function countFolder(folder: string): number | null {
  const deadline = performance.now() + COUNTED_WITHIN_MS;
  const waiting = [folder];
  let bytes = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (performance.now() > deadline) return null;
    for (const entry of entriesOf(next)) {
      const path = join(next, entry.name);
      bytes += sizeOf(path);
      if (entry.isDirectory()) waiting.push(path);
    }
  }
  return bytes;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // it went, or is closed to us: what cannot be read is not counted
  }
}
