/** Opens the database: brought to this program's version, durable to the last commit, one writer a session at a time. */
import { setTimeout } from 'node:timers/promises';
import { Kysely, sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { Sha256 } from '../../domain/canonical.ts';
import type { DatabaseUrl } from '../../domain/database-url.ts';
import { isTackError, TackError } from '../../domain/errors.ts';
import type { Database } from '../database.ts';
import type { Tables } from '../tables.ts';
import { patiently, readingDialect, writingDialect } from './dialect.ts';
import { isAway, isCrossed, storeFailure } from './failure.ts';
import { lockOf } from './lock.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';

export interface PostgresOptions {
  readonly url: DatabaseUrl;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly sha256: Sha256;
  /** How long a server that is away, and a lock, are waited for. */
  readonly lock_wait_ms?: number;
}

const WAIT_MS = 10_000;
/** Before work that was undone is run again. */
const AGAIN_AFTER_MS = 5;
/** Of one process; a server takes 100 by default. */
const WRITERS = 8;
const READERS = 4;

/** Throws `store_unavailable` or `store_version`; nothing stays open then. */
export async function connectPostgres(options: PostgresOptions): Promise<Database & { readonly store_id: string }> {
  const { url, clock, sha256, lock_wait_ms: wait_ms = WAIT_MS } = options;
  const writers = poolOf(url, WRITERS, wait_ms);
  const readers = poolOf(url, READERS, wait_ms);
  const close = async (): Promise<void> => void (await Promise.all([writers.end(), readers.end()]));
  try {
    const store_id = await patiently(wait_ms, () =>
      migrate(writers, { schema: url.schema, migrations: MIGRATIONS, sha256, clock }),
    );
    const common = { where: url.shown, wait_ms };
    const write = new Kysely<Tables>({ dialect: writingDialect({ pool: writers, ...common }) }).withSchema(url.schema);
    const read = new Kysely<Tables>({ dialect: readingDialect({ pool: readers, ...common }) }).withSchema(url.schema);
    return { store_id, read, transact: transactions(write, { url, wait_ms }), close };
  } catch (error) {
    await close();
    throw storeFailure(error, url.shown);
  }
}

/** To look at it: nothing is created, migrated or written. */
export async function readPostgres(
  url: DatabaseUrl,
): Promise<{ readonly read: Kysely<Tables>; close(): Promise<void> }> {
  const pool = poolOf(url, READERS, WAIT_MS);
  const read = new Kysely<Tables>({
    dialect: readingDialect({ pool, where: url.shown, wait_ms: WAIT_MS }),
  }).withSchema(url.schema);
  try {
    const version = await versionOf(read, url);
    const known = MIGRATIONS.at(-1)?.version ?? 0;
    if (version > known)
      throw new TackError('store_version', `The store is at version ${version}; this program knows ${known}.`);
    return { read, close: () => pool.end() };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

async function versionOf(read: Kysely<Tables>, { schema, shown }: DatabaseUrl): Promise<number> {
  const { rows } = await sql<{
    there: boolean;
  }>`select to_regclass(${`${schema}.migration`}) is not null as there`.execute(read);
  if (!rows[0]?.there) throw new TackError('store_unavailable', `There is no store in Postgres at ${shown}.`);
  const last = await read
    .selectFrom('migration')
    .select('version')
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.version ?? 0;
}

const INT8 = 20;
/** A server may be set to acknowledge before it has written. */
const DURABLE = `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;

function poolOf(url: DatabaseUrl, max: number, wait_ms: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url.reveal(),
    max,
    application_name: 'tackroom',
    connectionTimeoutMillis: wait_ms,
    keepAlive: true,
    onConnect: (client) => client.query(DURABLE) as unknown as void, // it is waited for
    lock_timeout: wait_ms,
    idle_in_transaction_session_timeout: Math.max(wait_ms, WAIT_MS), // a host that is gone keeps no lock
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === INT8 ? wholeNumber : (pg.types.getTypeParser(oid, format) as unknown)) as typeof pg.types.getTypeParser,
    },
  });
  pool.on('error', () => undefined); // an idle connection broke: the next one is new
  pool.on('connect', (client) => client.on('error', () => undefined)); // its query fails with the same
  return pool;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new TackError('internal', `${text} is too large a number.`);
  return number;
}

/** Who writes the same subject waits: a lock of the server, by name, that ends with the transaction or its connection. */
function transactions(
  write: Kysely<Tables>,
  { url, wait_ms }: { readonly url: DatabaseUrl; readonly wait_ms: number },
): Database['transact'] {
  return async (subject, work) => {
    const key = lockOf(`${url.schema}/${subject}`);
    const deadline = performance.now() + wait_ms;
    for (;;) {
      const once = async (trx: Transaction<Tables>) => {
        await sql`select pg_advisory_xact_lock(${key}::bigint)`.execute(trx);
        return work(trx);
      };
      try {
        return await write.transaction().execute(once);
      } catch (error) {
        const again = isCrossed(error) || isAway(error); // a commit that broke may have been kept: the work finds that out
        if (isTackError(error) || !again || performance.now() > deadline) throw storeFailure(error, url.shown);
        await setTimeout(AGAIN_AFTER_MS);
      }
    }
  };
}
