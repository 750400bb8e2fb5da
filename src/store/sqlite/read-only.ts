/** Opens the file to look at it: nothing is created, migrated or written, and whoever writes meanwhile is not held up. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Kysely } from 'kysely';
import { TackError } from '../../domain/errors.ts';
import type { Tables } from '../tables.ts';
import { sqliteDialect } from './dialect.ts';
import { storeFailure } from './failure.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { DatabaseSync } from './node-sqlite.ts';

const LOCK_WAIT_MS = 10_000;

/** Throws `store_unavailable`, `store_corrupt`, or `store_version` for a file of a later version. */
export function readSqlite(file: string): { readonly read: Kysely<Tables>; close(): void } {
  const name = basename(file);
  if (!existsSync(file)) throw new TackError('store_unavailable', `There is no ${name} in this data folder.`);
  try {
    const raw = new DatabaseSync(file, { readOnly: true });
    try {
      raw.exec(`pragma busy_timeout = ${LOCK_WAIT_MS}`);
      refuseLater(raw);
    } catch (error) {
      raw.close();
      throw error;
    }
    return { read: new Kysely({ dialect: sqliteDialect({ raw, name, lock_wait_ms: 0 }) }), close: () => raw.close() };
  } catch (error) {
    throw storeFailure(error, name);
  }
}

function refuseLater(raw: DatabaseSync): void {
  const version = Number(raw.prepare('select max(version) as version from migration').get()?.['version'] ?? 0);
  const known = MIGRATIONS.at(-1)?.version ?? 0;
  if (version > known)
    throw new TackError('store_version', `The store is at version ${version}; this program knows ${known}.`);
}
