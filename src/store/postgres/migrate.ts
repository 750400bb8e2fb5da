/** Brings the tables to this program's version: forward only, in one transaction, by one starter at a time. */
import type { Pool, PoolClient } from 'pg';
import type { Sha256 } from '../../domain/canonical.ts';
import { missingMigrations, type Applied, type Migration } from '../missing-migrations.ts';
import { lockOf } from './lock.ts';

interface MigrateParts {
  readonly schema: string;
  readonly migrations: readonly Migration[];
  readonly sha256: Sha256;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Resolves with the id of the store. Throws `store_version` when the database is newer, or was made by another text of the same migration; nothing is changed then. */
export async function migrate(pool: Pool, parts: MigrateParts): Promise<string> {
  const client = await pool.connect();
  try {
    if ((await missing(client, parts)).length > 0) await bringUp(client, parts);
    const { rows } = await client.query<{ store_id: string }>(`select store_id from ${parts.schema}.store`);
    return rows[0]?.store_id ?? '';
  } finally {
    client.release();
  }
}

async function bringUp(client: PoolClient, parts: MigrateParts): Promise<void> {
  const { schema, sha256, clock } = parts;
  await client.query('begin');
  try {
    await client.query('set local lock_timeout = 60000'); // whoever is at it may have much to move
    await client.query('select pg_advisory_xact_lock($1)', [lockOf(`${schema}/migrate`)]);
    await client.query(`create schema if not exists ${schema}`);
    await client.query(`set local search_path = ${schema}`);
    await client.query(`create table if not exists migration (
      version bigint primary key, name text not null, digest text not null, applied_at text not null)`);
    for (const { version, name, sql } of await missing(client, parts)) {
      await client.query(sql);
      await client.query('insert into migration (version, name, digest, applied_at) values ($1, $2, $3, $4)', [
        ...[version, name, sha256(sql), new Date(clock()).toISOString()],
      ]);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // why it failed says more
    throw error;
  }
}

/** Looked at before the lock, so that a warm start takes none, and again under it. */
async function missing(
  client: PoolClient,
  { schema, migrations, sha256 }: MigrateParts,
): Promise<readonly Migration[]> {
  const found = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    `${schema}.migration`,
  ]);
  if (!found.rows[0]?.there) return migrations;
  const { rows } = await client.query<Applied>(`select version, digest from ${schema}.migration order by version`);
  const applied = rows.map(({ version, digest }) => ({ version: Number(version), digest })); // whatever its client makes of a bigint
  return missingMigrations(applied, migrations, sha256);
}
