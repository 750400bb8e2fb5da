/** The engine: a Temporal dev server on loopback, its history in one SQLite file. */
import { Connection } from '@temporalio/client';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.ts';

export interface EngineOptions {
  readonly binary: string;
  readonly data_folder: string;
  readonly port: number;
  readonly namespace: string;
  /** Dynamic config, for tests that lower the server's limits. */
  readonly dynamic?: readonly string[];
}

/** Ends with its supervisor also when that is killed in the first moment: the shell waits on the lifeline, `setpriv` covers the rest. */
const WITH_LIFELINE = '{ read -r _ <&3; kill -9 $$; } >/dev/null 2>&1 & exec 3<&-; exec "$@"';

export function engineArgv({ binary, data_folder, port, namespace, dynamic = [] }: EngineOptions): readonly string[] {
  const flags = {
    '--ip': '127.0.0.1',
    '--port': String(port),
    '--db-filename': join(data_folder, 'engine', 'temporal.db'),
    '--namespace': namespace,
    '--log-level': 'warn',
  };
  return [
    ...['/bin/sh', '-c', WITH_LIFELINE, 'engine'],
    ...(process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []),
    ...[binary, 'server', 'start-dev', '--headless'],
    ...Object.entries(flags).flat(),
    // what was acknowledged survives a power cut; the mode is not kept in the file
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=2'],
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ...dynamic.flatMap((pair) => ['--dynamic-config-value', pair]),
  ];
}

const RETENTION_S = 30 * 24 * 3600;

/** Resolves when the engine answers, its namespace is there and keeps closed histories for 30 days. */
export async function engineReady(
  { address, namespace }: { readonly address: string; readonly namespace: string },
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      try {
        await connection.workflowService.describeNamespace({ namespace });
        await addMissingAttributes(connection, namespace);
        await connection.workflowService.updateNamespace({
          namespace,
          config: { workflowExecutionRetentionTtl: { seconds: RETENTION_S as never } },
        });
        return;
      } finally {
        await connection.close();
      }
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50)); // not yet: the supervisor's own deadline ends this
    }
  }
}

const INDEXED = { Keyword: 2, Bool: 5, Datetime: 6 } as const; // temporal.api.enums.v1.IndexedValueType

/** The flags of the start count for a new file only. */
async function addMissingAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in customAttributes));
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, INDEXED[type]])),
  });
}

/** A port of loopback that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
