/** `pg` under kysely. Reading waits for a server that is away for a moment; a transaction holds one connection and fails with it. */
import { setTimeout } from 'node:timers/promises';
import {
  CompiledQuery,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type QueryResult,
} from 'kysely';
import type { Pool, PoolClient, QueryResult as Answer } from 'pg';
import { TackError } from '../../domain/errors.ts';
import { isAway, storeFailure } from './failure.ts';

export interface Connected {
  readonly pool: Pool;
  /** For messages. */
  readonly where: string;
  /** How long a server that is away is waited for. */
  readonly wait_ms: number;
}

const LOOK_AGAIN_MS = 50;

/** Tries again while the server is away. Throws what came last, as it came. */
export async function patiently<T>(wait_ms: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + wait_ms;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || performance.now() > deadline) throw error;
    }
    await setTimeout(LOOK_AGAIN_MS);
  }
}

/** Each query takes whatever connection is free; errors are those of the table. */
export const readingDialect = ({ pool, where, wait_ms }: Connected): Dialect => {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      try {
        return resultOf(await patiently(wait_ms, () => pool.query(sql, [...parameters])));
      } catch (error) {
        throw storeFailure(error, where);
      }
    },
    streamQuery: noStream,
  };
  return dialect({ pool, acquire: async () => connection, release: () => undefined });
};

/** Errors come as they are: whoever runs the transaction knows what they mean. */
export const writingDialect = ({ pool, wait_ms }: Connected): Dialect => {
  const clients = new WeakMap<DatabaseConnection, PoolClient>();
  return dialect({
    pool,
    async acquire() {
      const client = await patiently(wait_ms, () => pool.connect());
      const connection: DatabaseConnection = {
        executeQuery: async <R>({ sql, parameters }: CompiledQuery) =>
          resultOf<R>(await client.query(sql, [...parameters])),
        streamQuery: noStream,
      };
      clients.set(connection, client);
      return connection;
    },
    release: (connection) => clients.get(connection)?.release(),
  });
};

interface Ways {
  readonly pool: Pool;
  acquire(): Promise<DatabaseConnection>;
  release(connection: DatabaseConnection): void;
}

const dialect = ({ pool, acquire, release }: Ways): Dialect => ({
  createAdapter: () => new PostgresAdapter(),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createDriver: () => {
    const say = async (connection: DatabaseConnection, sql: string): Promise<void> => {
      await connection.executeQuery(CompiledQuery.raw(sql));
    };
    return {
      async init() {},
      acquireConnection: acquire,
      beginTransaction: (connection) => say(connection, 'begin'),
      commitTransaction: (connection) => say(connection, 'commit'),
      /** A connection that broke has rolled back by itself; another error would hide why. */
      rollbackTransaction: (connection) => say(connection, 'rollback').catch(() => undefined),
      releaseConnection: async (connection) => release(connection),
      destroy: () => pool.end(),
    };
  },
});

const CHANGES: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE']);

function resultOf<R>({ command, rowCount, rows }: Answer): QueryResult<R> {
  if (!CHANGES.has(command)) return { rows: rows as R[] };
  return { rows: rows as R[], numAffectedRows: BigInt(rowCount ?? 0) };
}

// oxlint-disable-next-line require-yield -- nothing in the store streams: pages keep transactions short
async function* noStream<R>(): AsyncIterableIterator<QueryResult<R>> {
  throw new TackError('internal', 'The store reads in pages.');
}
