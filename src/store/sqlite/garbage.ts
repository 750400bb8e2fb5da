/** What nothing names any more, found and removed while nobody else has the files open. */
import { basename } from 'node:path';
import { storeFailure } from './failure.ts';
import { DatabaseSync } from './node-sqlite.ts';

/** Anything that looks like a digest counts as one: what is kept without need is removed another time. */
const DIGEST = /[0-9a-f]{64}/g;

export interface GarbageFiles {
  readonly store: string;
  readonly engine: string;
}

/** Rows of contents by digest, with their bytes. */
export function blobRows(store: string): ReadonlyMap<string, number> {
  return reading(store, (raw) => {
    const rows = raw.prepare('select digest, length(content) as bytes from blob').all();
    return new Map(rows.map((row) => [String(row['digest']), Number(row['bytes'])]));
  });
}

/** Calls back with every digest that stands anywhere in the store or in the engine's histories, contents and all. */
export function eachDigest({ store, engine }: GarbageFiles, named: (digest: string) => void): void {
  for (const file of [store, engine])
    reading(file, (raw) => {
      const tables = raw.prepare(`select name from sqlite_master where type = 'table'`).all();
      for (const { name } of tables)
        for (const row of raw.prepare(`select * from "${String(name).replaceAll('"', '""')}"`).iterate()) {
          const is_blob_row = file === store && name === 'blob';
          for (const [column, value] of Object.entries(row)) {
            if (is_blob_row && column === 'digest') continue; // that it is there does not name it
            for (const digest of digestsIn(value)) named(digest);
          }
        }
    });
}

export function digestsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.match(DIGEST) ?? [];
  return value instanceof Uint8Array ? (Buffer.from(value).toString('latin1').match(DIGEST) ?? []) : [];
}

export function removeBlobRows(store: string, digests: readonly string[]): void {
  writing(store, (raw) => {
    const remove = raw.prepare('delete from blob where digest = ?');
    for (const digest of digests) remove.run(digest);
  });
}

/** Answers to keys of before this time. */
export function oldKeys(store: string, before: string): { readonly rows: number; readonly bytes: number } {
  return reading(store, (raw) => {
    const { rows, bytes } =
      raw
        .prepare('select count(*) as rows, sum(length(body)) as bytes from idempotency where created_at < ?')
        .get(before) ?? {};
    return { rows: Number(rows ?? 0), bytes: Number(bytes ?? 0) };
  });
}

export function removeOldKeys(store: string, before: string): void {
  writing(store, (raw) => void raw.prepare('delete from idempotency where created_at < ?').run(before));
}

function reading<T>(file: string, look: (raw: DatabaseSync) => T): T {
  return opened(file, true, look);
}

/** In one transaction; the roles may write, too. */
function writing(file: string, work: (raw: DatabaseSync) => void): void {
  opened(file, false, (raw) => {
    raw.exec('begin immediate');
    work(raw);
    raw.exec('commit');
  });
}

const LOCK_WAIT_MS = 10_000;

function opened<T>(file: string, readOnly: boolean, work: (raw: DatabaseSync) => T): T {
  const name = basename(file);
  try {
    const raw = new DatabaseSync(file, { readOnly });
    try {
      raw.exec(`pragma busy_timeout = ${LOCK_WAIT_MS}; pragma synchronous = full`);
      return work(raw);
    } finally {
      raw.close();
    }
  } catch (error) {
    throw storeFailure(error, name);
  }
}
