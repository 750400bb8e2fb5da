/** The engine: a Temporal dev server on loopback, its history in one SQLite file. */
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

/**
 * Ends with its supervisor also when that is killed in the first moment: a shell waits on the lifeline, `setpriv` covers the rest.
 * It kills its parent only, for as long as that is its parent.
 */
const WITH_LIFELINE = `{
  read -r _ <&3
  read -r _ _ _ parent _ </proc/self/stat
  if [ "$parent" = $$ ]; then kill -9 $$; fi
} >/dev/null 2>&1 &
exec 3<&-
exec "$@"`;

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
    ...(process.platform === 'linux' ? asOneOf(join(data_folder, 'engine', 'lock')) : []),
    ...[binary, 'server', 'start-dev', '--headless'],
    ...Object.entries(flags).flat(),
    // what was acknowledged survives a power cut; the mode is not kept in the file
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=2'],
    // after how many failures the engine's list names a workflow whose step cannot be taken
    ...['--dynamic-config-value', 'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=3'],
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ...dynamic.flatMap((pair) => ['--dynamic-config-value', pair]),
  ];
}

/** Two engines on one file would both accept work: the next one waits until the last one is gone, whoever started it. */
const asOneOf = (lock: string) => ['setpriv', '--pdeathsig', 'KILL', '--', 'flock', '--no-fork', lock];

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
