/** A real Temporal dev server for one file of tests, in memory, with our search attributes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { fileURLToPath } from 'node:url';
import { SEARCH_ATTRIBUTES } from '../../src/domain/search-attributes.ts';
import { TEMPORAL_VERSION } from '../../src/supervisor/temporal-binary.ts';
import { handOver } from './histories.ts';
import { until } from './until.ts';

export interface TestEngine {
  readonly address: string;
  readonly namespace: string;
  readonly client: Client;
  /** `temporal …` against this server. */
  cli(...args: readonly string[]): Promise<string>;
  /** SIGKILL, and a new server on the same file. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const NAMESPACE = 'tackroom';

export interface EngineOptions {
  readonly file?: string;
  /** Limits of the server, lowered: `history.maxTotalUpdates` … */
  readonly limits?: Readonly<Record<string, number>>;
}

export async function startEngine({ file, limits = {} }: EngineOptions = {}): Promise<TestEngine> {
  const bin = temporalBin();
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  let server = launch(bin, { port, file, limits });
  const connection = Connection.lazy({ address });
  const client = new Client({ connection, namespace: NAMESPACE });
  try {
    await ready(client, server);
  } catch (error) {
    await connection.close();
    await kill(server);
    throw error;
  }
  return {
    address,
    namespace: NAMESPACE,
    client,
    async cli(...args) {
      const child = spawn(bin, [...args, '--address', address, '--namespace', NAMESPACE], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const said: string[] = [];
      child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
      const [code] = (await once(child, 'close')) as [number | null];
      if (code !== 0) throw new Error(`temporal ${args.join(' ')} ended with ${code}: ${said.join('')}`);
      return said.join('');
    },
    async restart() {
      await kill(server);
      server = launch(bin, { port, file, limits });
      await ready(client, server);
    },
    async stop() {
      await handOver({ address, namespace: NAMESPACE });
      await connection.close();
      await kill(server);
    },
  };
}

interface Launch {
  readonly port: number;
  readonly file: string | undefined;
  readonly limits: Readonly<Record<string, number>>;
}

function launch(bin: string, { port, file, limits }: Launch): ChildProcess {
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  const lowered = Object.entries(limits).flatMap(([name, value]) => ['--dynamic-config-value', `${name}=${value}`]);
  const stored = file === undefined ? [] : ['--db-filename', file, '--sqlite-pragma', 'journal_mode=WAL'];
  return spawn(
    bin,
    [
      'server',
      'start-dev',
      '--headless',
      '--ip',
      '127.0.0.1',
      '--port',
      String(port),
      '--namespace',
      NAMESPACE,
      '--log-level',
      'error',
      ...stored,
      ...lowered,
      ...attributes,
    ],
    { stdio: 'ignore', env: { ...process.env, XDG_CONFIG_HOME: ITS_NOTES } },
  );
}

async function ready(client: Client, server: ChildProcess): Promise<void> {
  await until('the engine', async () => {
    if (server.exitCode !== null) throw new Error(`The engine ended with ${server.exitCode}.`);
    try {
      return await client.withDeadline(Date.now() + 1_000, () =>
        client.workflowService.describeNamespace({ namespace: NAMESPACE }),
      );
    } catch {
      return undefined;
    }
  });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

/** Else it leaves them below the home of whoever tests. */
const ITS_NOTES = fileURLToPath(new URL('../../.tack/engine-notes', import.meta.url));

/** Where `./tack test` puts it. */
const INSTALLED = fileURLToPath(
  new URL(`../../.tack/tools/temporal-${TEMPORAL_VERSION}/bin/temporal`, import.meta.url),
);

/** The Temporal CLI that tests use. */
export function temporalBin(): string {
  const said = process.env['TACK_TEMPORAL_BIN'];
  if (said) return said;
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'temporal'))
    .find((path) => existsSync(path));
  if (found) return found;
  if (existsSync(INSTALLED)) return INSTALLED;
  throw new Error('No Temporal server for the tests: set TACK_TEMPORAL_BIN, or run them by ./tack test.');
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
