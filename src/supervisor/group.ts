/** The supervised group of one data folder: engine, broker, server, worker. It holds no state: killed, it is started again and finds all. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { TackError } from '../domain/errors.ts';
import { refuseLost, refuseOtherKind } from '../store/place.ts';
import { isUp, ROLES, type GroupStatus, type Role, type RoleStatus } from '../domain/wires/supervisor.ts';
import { engineAway } from './away.ts';
import { superviseChild, type Child } from './child.ts';
import { prepareFolders } from './data-folder.ts';
import { engineArgv, freePort } from './engine.ts';
import { engineReady } from './engine-ready.ts';
import { createKeepsake, readHandOver, withoutSecrets, type Keepsake } from './hand-over.ts';
import { takeLock } from './lock.ts';
import { openLog } from './log-file.ts';
import { compileCache, ownArgv, ownVersion } from './program.ts';
import { readServerFile, removeServerFile } from './server-file.ts';
import { temporalBinary } from './temporal-binary.ts';

export interface GroupOptions {
  readonly config: Config;
  /** The caller's whole environment: the roles get it without its secrets, the broker gets the model's over its stdin. */
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
  /** Ends every role, the worker first and the engine last, and removes the sockets. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
/** Given time to end: a worker lets its turns go on elsewhere. An engine gets none: what it acknowledged is on disk, and its own farewell takes seconds. */
const PATIENCE_MS = { worker: 15_000, server: 5_000, broker: 5_000, engine: 0 } as const;

export async function startSupervised(options: GroupOptions): Promise<Group> {
  const { config } = options;
  const handed = await readHandOver(config, { whose: '`tack up`', env: options.env });
  prepareFolders(config);
  refuseOtherKind(config);
  refuseLost(config, config.temporal.address === null ? 'own' : 'elsewhere');
  const lock = takeLock(join(config.data_folder, 'lock'));
  removeServerFile(config.data_folder);
  const address = config.temporal.address ?? `127.0.0.1:${await freePort()}`;
  const engine = await startEngine(options, address).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  const keepsake = createKeepsake(handed);
  const children = new Map<Role, Child>([['engine', engine], ...startRoles(options, { address, keepsake })]);

  const roles = () => [...children.values()].map((child) => child.status());
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
      version: ownVersion(),
      ready: roles().every(isUp),
      temporal_address: address,
      port: readServerFile(config.data_folder)?.port ?? null,
      roles: roles(),
    }),
    restart: (role) => children.get(role)?.restart(),
    async stop() {
      clearTimeout(deadline);
      const end = (role: Role) => children.get(role)?.stop(PATIENCE_MS[role]);
      await end('worker'); // its turns are put away while the broker still carries them
      await Promise.all([end('server'), end('broker')]);
      await end('engine');
      rmSync(config.run_folder, { recursive: true, force: true });
      lock.release();
    },
  };
}

/** The password of the database goes to those who open the store alone. */
function environmentOf(role: Role, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { DATABASE_URL: url, ...rest } = withoutSecrets(env);
  return role === 'server' || role === 'worker' ? { ...rest, ...(url && { DATABASE_URL: url }) } : rest;
}

const logOf = ({ data_folder }: Config, role: Role) => openLog(join(data_folder, 'logs', `${role}.log`));

async function startEngine({ config, env, say }: GroupOptions, address: string): Promise<Child> {
  const { data_folder, path } = config;
  const { namespace, bin } = config.temporal;
  if (config.temporal.address !== null) return engineAway({ address, namespace });
  const binary = await temporalBinary({ override: bin, path, tools: join(data_folder, 'tools'), say });
  return superviseChild({
    role: 'engine',
    argv: engineArgv({ binary, data_folder, port: Number(address.split(':')[1]), namespace }),
    env: environmentOf('engine', env),
    log: logOf(config, 'engine'),
    ready: (look) => engineReady({ address, namespace, is_own: true }, look),
  });
}

function startRoles(
  { config, env, roleArgv = ownArgv }: GroupOptions,
  { address, keepsake }: { readonly address: string; readonly keepsake: Keepsake },
): readonly [Role, Child][] {
  const shared = {
    TACK_HOME: config.data_folder,
    TACK_RUN_FOLDER: config.run_folder,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: config.temporal.namespace,
    ...compileCache(config.data_folder, env),
  };
  return ROLES.filter((role) => role !== 'engine').map((role) => [
    role,
    superviseChild({
      role,
      argv: [...END_WITH_US, ...roleArgv(role)],
      env: { ...environmentOf(role, env), ...shared, ...(role === 'broker' && { TACK_CREDENTIAL_FD: '0' }) },
      log: logOf(config, role),
      ready: null,
      ...(role === 'broker' && { keepsake }),
    }),
  ]);
}

/** Beside its lifeline: also a role that hangs ends with the supervisor. */
const END_WITH_US = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];
function notReady(roles: readonly RoleStatus[], { data_folder }: Config): TackError {
  const lines = roles
    .filter((role) => !isUp(role))
    .map(
      ({ role, state, detail }) =>
        `${role} is ${state}${detail ? ` (${detail})` : ''}: ${join(data_folder, 'logs', `${role}.log`)}`,
    );
  return new TackError(
    'server_unreachable',
    `Not every role works after ${READY_WITHIN_MS / 1000} s. ${lines.join('; ')}`,
  );
}
