/** Opens the file: created for its owner alone, in WAL, durable to the last commit, brought to this program's version. */
import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Kysely } from 'kysely';
import { TackError } from '../../domain/errors.ts';
import type { Sha256 } from '../../domain/canonical.ts';
import type { Database } from '../database.ts';
import type { Tables } from '../tables.ts';
import { sqliteDialect } from './dialect.ts';
import { isBusy, noAccess, storeFailure } from './failure.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { DatabaseSync } from './node-sqlite.ts';

export interface SqliteOptions {
  readonly file: string;
  readonly clock: () => number;
  readonly sha256: Sha256;
  /** How long a writer waits for those of other processes. */
  readonly lock_wait_ms?: number;
}

const LOCK_WAIT_MS = 10_000;

/** Throws `store_unavailable`, `store_corrupt` or `store_version`; nothing stays open then. */
export function connectSqlite({ file, clock, sha256, lock_wait_ms = LOCK_WAIT_MS }: SqliteOptions): Database {
  const name = basename(file);
  const open: DatabaseSync[] = [];
  const connect = (): DatabaseSync => {
    const raw = new DatabaseSync(file);
    open.push(raw);
    raw.exec(`pragma busy_timeout = ${lock_wait_ms}; pragma synchronous = full; pragma foreign_keys = on`);
    return raw;
  };
  try {
    createPrivately(file);
    const writer = connect();
    toWal(writer, performance.now() + lock_wait_ms);
    migrate(writer, { migrations: MIGRATIONS, sha256, clock });
    writer.exec('pragma busy_timeout = 0'); // from here on the driver waits, and the loop goes on
    const reader = connect();
    reader.exec('pragma query_only = on');
    return database({ writer, reader, name, lock_wait_ms, check: isStill(file) });
  } catch (error) {
    for (const raw of open) raw.close();
    throw storeFailure(error, name);
  }
}

/**
 * A root's data folder can be entered by others: the file itself must be closed to them. SQLite gives -wal and -shm its mode.
 * A file that is there is not opened here: closing it would drop the locks of this process's other connections (POSIX).
 */
function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'EEXIST') return refuseUnwritable(file);
    throw new TackError(
      'store_unavailable',
      `${basename(file)} cannot be created (${code}). Check owner, mode and free space of the data folder.`,
      { data: { code } },
    );
  }
}

/** SQLite would open it for reading, and the first write were the one that fails. Nothing is opened here either. */
function refuseUnwritable(file: string): void {
  try {
    accessSync(file, constants.W_OK);
  } catch (error) {
    throw noAccess(basename(file), (error as NodeJS.ErrnoException).code ?? String(error));
  }
}

/** SQLite goes on with a file that was moved or removed: what it acknowledges then is gone with the process. */
function isStill(file: string): () => void {
  const opened = statSync(file);
  return () => {
    const now = statSync(file, { throwIfNoEntry: false });
    if (now?.ino === opened.ino && now.dev === opened.dev) return;
    throw new TackError(
      'store_unavailable',
      `${basename(file)} was ${now ? 'replaced' : 'moved or removed'} while it is open: nothing more is accepted. Move it back, and it goes on; if it is lost, \`tack down\`, put a backup in its place, \`tack up\`.`,
    );
  };
}

/** Two starters at once: SQLite does not wait for this lock by itself. */
function toWal(raw: DatabaseSync, deadline: number): void {
  for (;;)
    try {
      raw.exec('pragma journal_mode = wal');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
}

interface Pair {
  readonly writer: DatabaseSync;
  /** Its own connection: reading goes on while a transaction waits for its lock. */
  readonly reader: DatabaseSync;
  readonly name: string;
  readonly lock_wait_ms: number;
  /** Throws when nothing may be written. */
  readonly check: () => void;
}

function database({ writer, reader, name, lock_wait_ms, check }: Pair): Database {
  const write = new Kysely<Tables>({ dialect: sqliteDialect({ raw: writer, name, lock_wait_ms, check }) });
  const read = new Kysely<Tables>({ dialect: sqliteDialect({ raw: reader, name, lock_wait_ms }) });
  return {
    read,
    transact: (_subject, work) => write.transaction().execute(work),
    async close() {
      await write.connection().execute(async () => writer.isOpen && writer.close()); // after those that wait
      await read.connection().execute(async () => reader.isOpen && reader.close());
    },
  };
}
