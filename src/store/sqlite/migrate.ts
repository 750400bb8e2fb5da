/** Brings the tables to this program's version: forward only, in one transaction, by one starter at a time. */
import type { Sha256 } from '../../domain/canonical.ts';
import { missingMigrations, type Applied, type Migration } from '../missing-migrations.ts';
import type { DatabaseSync } from './node-sqlite.ts';

interface MigrateParts {
  readonly migrations: readonly Migration[];
  readonly sha256: Sha256;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Throws `store_version` when the database is newer, or was made by another text of the same migration; nothing is changed then. */
export function migrate(raw: DatabaseSync, parts: MigrateParts): void {
  if (missing(raw, parts).length === 0) return;
  raw.exec('begin immediate');
  try {
    raw.exec(`create table if not exists migration (
      version integer primary key, name text not null, digest text not null, applied_at text not null)`);
    for (const { version, name, sql } of missing(raw, parts)) {
      raw.exec(sql);
      raw
        .prepare('insert into migration (version, name, digest, applied_at) values (?, ?, ?, ?)')
        .run(version, name, parts.sha256(sql), new Date(parts.clock()).toISOString());
    }
    raw.exec('commit');
  } catch (error) {
    if (raw.isTransaction) raw.exec('rollback');
    throw error;
  }
}

/** Those that are yet to run. Looked at before the lock, so that a warm start takes none, and again under it. */
function missing(raw: DatabaseSync, { migrations, sha256 }: MigrateParts): readonly Migration[] {
  const has_table = raw.prepare("select 1 from sqlite_master where type = 'table' and name = 'migration'").get();
  if (!has_table) return migrations;
  const applied = raw.prepare('select version, digest from migration order by version').all();
  return missingMigrations(applied as unknown as readonly Applied[], migrations, sha256);
}
