/** The way to the server: the one of the data folder, or the one that TACK_SERVER names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../api/contract/client.ts';
import type { Config } from '../config.ts';
import { TackError } from '../domain/errors.ts';
import type { Connection } from './context.ts';
import type { Output } from './output.ts';

export async function connect(
  config: Config,
  out: Output,
  { start = false }: { readonly start?: boolean } = {},
): Promise<Connection> {
  if (config.server) return connection(() => config.server?.url ?? '', config.server.token);
  const found = await answering(config);
  if (found) return found;
  if (!start) throw new TackError('server_unreachable', `Tackroom is not running for ${config.data_folder}.`);
  out.say('Starting the roles …');
  const { startGroup } = await import('../supervisor/start-group.ts');
  await startGroup(config, { say: out.say });
  const started = await answering(config);
  if (!started)
    throw new TackError(
      'server_unreachable',
      `The roles were started, and the server does not answer. Its log: ${join(config.data_folder, 'logs', 'server.log')}`,
    );
  return started;
}

/** A busy machine lets an answer wait; where nobody listens, that is said at once. */
const ANSWERS_WITHIN_MS = 20_000;

/** The server of the data folder, when it answers. Throws `server_unreachable` when it is there and does not. */
async function answering(config: Config): Promise<Connection | null> {
  const url = () => `http://127.0.0.1:${serverFile(config)?.port ?? 0}`;
  const server = serverFile(config);
  if (!server || !isOurs(server.pid)) return null;
  const ready = connection(url, tokenOf(config));
  try {
    await ready.client.health.live({}, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    return ready;
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'TimeoutError')
      throw new TackError('server_unreachable', `The server (process ${server.pid}) runs, and does not answer.`, {
        cause,
      });
    return null; // nobody there: the caller says what that means
  }
}

function connection(url: () => string, token: string): Connection {
  return {
    client: createClient({ base_url: url, token, via: 'cli' }),
    get base_url() {
      return url();
    },
    token,
  };
}

/** A restarted server may have another port: read anew for every request. */
function serverFile(config: Config): { readonly port: number; readonly pid: number } | null {
  try {
    return JSON.parse(readFileSync(join(config.data_folder, 'server.json'), 'utf8')) as { port: number; pid: number };
  } catch {
    return null;
  }
}

/** After its end another user may listen on its port: the token is not for them. */
function isOurs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // it has ended, or belongs to somebody else
  }
}

function tokenOf(config: Config): string {
  try {
    return readFileSync(join(config.data_folder, 'token'), 'utf8').trim();
  } catch (cause) {
    throw new TackError('auth_failed', `The token in ${config.data_folder} cannot be read.`, { cause });
  }
}
