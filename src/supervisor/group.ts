/** The supervised group of one data folder: engine, broker, server, worker. It holds no state: killed, it is started again and finds all. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { TackError } from '../domain/errors.ts';
import type { GroupStatus, Role, RoleStatus } from '../domain/wires/supervisor.ts';
import { superviseChild, type Child } from './child.ts';
import { prepareFolders } from './data-folder.ts';
import { engineArgv, engineReady, freePort } from './engine.ts';
import { takeLock } from './lock.ts';
import { openLog } from './log-file.ts';
import { temporalBinary } from './temporal-binary.ts';

export interface GroupOptions {
  readonly config: Config;
  /** The caller's whole environment: the broker takes the credential out of it, the other roles get none. */
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  /** The command that starts a role; by default this program itself. */
  readonly roleArgv?: (role: Role) => readonly string[];
}

export interface Group {
  status(): GroupStatus;
  /** Resolves when every role works; rejects when one did not in time. */
  readonly ready: Promise<void>;
  /** Throws for a role that does not run here. */
  restart(role: Role): void;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const SECRET = /^(ANTHROPIC_(API_KEY|AUTH_TOKEN)|OPENAI_API_KEY|.*_(TOKEN|SECRET|PASSWORD|API_KEY))$/;
/** Given time to end: a worker lets its turns go on elsewhere, an engine flushes. */
const PATIENCE_MS = { worker: 15_000, server: 5_000, broker: 5_000, engine: 10_000 } as const;

export async function startSupervised({ config, env, say, roleArgv = ownArgv }: GroupOptions): Promise<Group> {
  prepareFolders(config);
  const lock = takeLock(join(config.data_folder, 'lock'));
  const children = new Map<Role, Child>();
  const log = (role: Role) => openLog(join(config.data_folder, 'logs', `${role}.log`));
  const changed = () => undefined;

  const address = config.temporal.address ?? `127.0.0.1:${await freePort()}`;
  const open = Object.fromEntries(Object.entries(env).filter(([name]) => !SECRET.test(name)));
  const shared = {
    TACK_HOME: config.data_folder,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: config.temporal.namespace,
  };

  if (config.temporal.address === null) {
    const binary = await temporalBinary({
      override: config.temporal.bin,
      path: config.path,
      tools: join(config.data_folder, 'tools'),
      say,
    });
    const options = {
      binary,
      data_folder: config.data_folder,
      port: Number(address.split(':')[1]),
      namespace: config.temporal.namespace,
    };
    children.set(
      'engine',
      superviseChild({
        role: 'engine',
        argv: engineArgv(options),
        env: open,
        log: log('engine'),
        changed,
        ready: (signal) => engineReady({ address, namespace: config.temporal.namespace }, signal),
      }),
    );
  }
  for (const role of ['broker', 'server', 'worker'] as const) {
    const own = role === 'broker' ? env : open;
    children.set(
      role,
      superviseChild({ role, argv: roleArgv(role), env: { ...own, ...shared }, log: log(role), changed, ready: null }),
    );
  }

  const roles = (): RoleStatus[] => [
    ...(config.temporal.address === null
      ? []
      : [
          {
            role: 'engine',
            state: 'away',
            pid: null,
            restarts: 0,
            since: new Date().toISOString(),
            detail: address,
          } as const,
        ]),
    ...[...children.values()].map((child) => child.status()),
  ];
  const late = Promise.withResolvers<never>();
  const deadline = setTimeout(() => late.reject(notReady(roles(), config)), READY_WITHIN_MS);
  return {
    ready: Promise.race([
      Promise.all([...children.values()].map(({ up }) => up)).then(() => undefined),
      late.promise,
    ]).finally(() => clearTimeout(deadline)),
    status: () => ({
      pid: process.pid,
      data_folder: config.data_folder,
      version: VERSION,
      ready: roles().every(({ state }) => state === 'ready' || state === 'away'),
      temporal_address: address,
      roles: roles(),
    }),
    restart(role) {
      const child = children.get(role);
      if (!child) throw new TackError('request_invalid', `Role ${role} does not run here.`);
      child.restart();
    },
    async stop() {
      clearTimeout(deadline);
      await Promise.all(
        (['worker', 'server', 'broker'] as const).map((role) => children.get(role)?.stop(PATIENCE_MS[role])),
      );
      await children.get('engine')?.stop(PATIENCE_MS.engine);
      lock.release();
    },
  };
}

const ENTRY = new URL('../cli/main', import.meta.url).pathname;
const OWN = import.meta.url.endsWith('.ts') ? `${ENTRY}.ts` : `${ENTRY}.js`;
const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** This program again, as one role. */
export const ownArgv = (...words: readonly string[]): readonly string[] => [process.execPath, OWN, ...words];

function notReady(roles: readonly RoleStatus[], { data_folder }: Config): TackError {
  const missing = roles.filter(({ state }) => state !== 'ready' && state !== 'away');
  const lines = missing.map(
    ({ role, state, detail }) =>
      `${role} is ${state}${detail ? ` (${detail})` : ''}: ${join(data_folder, 'logs', `${role}.log`)}`,
  );
  return new TackError(
    'server_unreachable',
    `Not every role works after ${READY_WITHIN_MS / 1000} s. ${lines.join('; ')}`,
  );
}
