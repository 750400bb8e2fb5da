/** `node:sqlite` under kysely: one connection, whose transactions take the write lock at their start. */
import { setImmediate, setTimeout } from 'node:timers/promises';
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';
import { TackError } from '../../domain/errors.ts';
import { isBusy, storeFailure } from './failure.ts';
import type { DatabaseSync, StatementSync } from './node-sqlite.ts';

export interface Connected {
  readonly raw: DatabaseSync;
  /** Name of the file, for messages. */
  readonly name: string;
  /** How long a transaction waits for those of other processes. */
  readonly lock_wait_ms: number;
  /** Called before each transaction; throws when nothing may be written. */
  readonly check?: () => void;
}

export const sqliteDialect = (connected: Connected): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => driver(connected),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: (db) => new SqliteIntrospector(db),
});

function driver({ raw, name, lock_wait_ms, check }: Connected): Driver {
  const connection = new Connection(raw, name);
  const say = async (sql: string): Promise<void> => {
    await connection.executeQuery(CompiledQuery.raw(sql));
  };
  return {
    async init() {},
    acquireConnection: async () => connection,
    /** Waits off the loop, and begins in a new turn of it: neither SQLite's own waiting nor a row of writes may stop heartbeats. */
    async beginTransaction() {
      const deadline = performance.now() + lock_wait_ms;
      await setImmediate();
      check?.();
      for (;;) {
        try {
          return raw.exec('begin immediate');
        } catch (error) {
          if (!isBusy(error) || performance.now() > deadline) throw storeFailure(error, name);
        }
        await setTimeout(1);
      }
    },
    commitTransaction: () => say('commit'),
    /** A full disk rolls back by itself; a second one would hide why. */
    async rollbackTransaction() {
      if (raw.isTransaction) await say('rollback');
    },
    async releaseConnection() {},
    async destroy() {
      if (raw.isOpen) raw.close();
    },
  };
}

class Connection implements DatabaseConnection {
  readonly #raw: DatabaseSync;
  readonly #name: string;
  readonly #prepared = new Map<string, { readonly statement: StatementSync; readonly reads: boolean }>();

  constructor(raw: DatabaseSync, name: string) {
    this.#raw = raw;
    this.#name = name;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const { statement, reads } = this.#prepare(sql);
      const values = parameters as Parameters<StatementSync['run']>;
      if (reads) return { rows: statement.all(...values) as R[] };
      return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
    } catch (error) {
      throw storeFailure(error, this.#name);
    }
  }

  // oxlint-disable-next-line require-yield -- nothing in the store streams: pages keep transactions short
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new TackError('internal', 'The store reads in pages.');
  }

  #prepare(sql: string) {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const statement = this.#raw.prepare(sql);
    const prepared = { statement, reads: statement.columns().length > 0 };
    if (this.#prepared.size >= PREPARED_MAX) this.#prepared.clear();
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

/** Statements with lists of many lengths come and go. */
const PREPARED_MAX = 200;
