/** A Postgres server of the test's own: its folder, port, password and (where root runs the tests) its user; nothing is left of it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { postgresPrograms } from '../../scripts/postgres-programs.ts';
import { freePort } from './engine.ts';
import { IS_ROOT, makeOrdinaryUser, runToEnd } from './ordinary-user.ts';
import { end } from './processes.ts';
import { until } from './until.ts';

/** The folder of the server's programs, or null. */
export const POSTGRES_BIN = postgresPrograms();
/** For the titles of what needs them: such a test is shown as not run, and why. */
export const NEEDS_POSTGRES = POSTGRES_BIN
  ? ''
  : ' (not run: there is no Postgres server here; apt-get install postgresql)';

export interface Postgres {
  /** Of a database with nothing in it yet. */
  readonly url: string;
  readonly password: string;
  /** SIGKILL to the server and all of its children, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port. */
  start(): Promise<void>;
  /** Runs SQL as the owner of everything. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** All that it keeps on the disk. */
  readonly folder: string;
  close(): Promise<void>;
}

/** `is_durable`: with syncs of the disk, for who measures; tests need none, as the machine does not fall. */
export async function startPostgres({ is_durable = false } = {}): Promise<Postgres> {
  if (!POSTGRES_BIN) throw new Error('There is no Postgres server here.');
  const user = IS_ROOT ? makeOrdinaryUser('postgres') : null; // its own programs refuse root
  const base = mkdtempSync(join(user?.home ?? tmpdir(), 'tack-pg-'));
  const folder = join(base, 'data');
  const password = randomBytes(12).toString('hex');
  const port = await freePort();
  const env = { ...(user?.env ?? process.env), LC_ALL: 'C.UTF-8' };
  const words = (argv: readonly string[]) => user?.words(argv) ?? argv;
  writeFileSync(join(base, 'password'), password);
  user?.give(base);
  const made = await runToEnd(
    words([
      ...[join(POSTGRES_BIN, 'initdb'), '-D', folder, '-U', 'tackroom', '--pwfile', join(base, 'password')],
      ...['--auth', 'scram-sha-256', '-E', 'UTF8', '--no-sync', '--no-instructions'],
    ]),
    { env },
  );
  if (made.code !== 0) throw new Error(`initdb ended with ${made.code}: ${made.stderr}`);
  appendFileSync(
    join(folder, 'postgresql.conf'),
    `listen_addresses = '127.0.0.1'\nport = ${port}\nunix_socket_directories = ''\nfsync = ${is_durable ? 'on' : 'off'}\nshared_buffers = '64MB'\nlog_min_messages = panic\n`,
  );

  const url = `postgres://tackroom:${password}@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | null = null;
  const query = async (sql: string) => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const answer = await client.query(sql);
      return answer.rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };
  const start = async (): Promise<void> => {
    const [command = '', ...args] = words([join(POSTGRES_BIN, 'postgres'), '-D', folder]);
    const child = spawn(command, args, { env, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    server = child;
    await until('Postgres to answer', async () => {
      if (child.exitCode !== null) throw new Error(`Postgres ended with ${child.exitCode}: ${said}`);
      return query('select 1').catch(() => undefined);
    });
  };
  const kill = async (): Promise<void> => {
    const running = server;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'close');
    const children = childrenOf(Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]));
    running.kill('SIGKILL'); // the words before it became the server by exec
    for (const pid of children) end(pid);
    await ended;
    server = null;
  };
  await start();
  return {
    url,
    password,
    folder,
    query,
    kill,
    start,
    async close() {
      await kill();
      await user?.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
