/** `tack up`: the group as a process of its own that outlives the terminal, and its end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ownEnvironment, type Config } from '../config.ts';
import { TackError } from '../domain/errors.ts';
import { isUp, type GroupStatus, type RoleStatus } from '../domain/wires/supervisor.ts';
import { refuseLost, refuseOtherKind } from '../store/place.ts';
import { askSupervisor, groupStatus } from './control.ts';
import { prepareFolders } from './data-folder.ts';
import { ownHandOver, withoutSecrets } from './hand-over.ts';
import { isLocked } from './lock.ts';
import { compileCache, ownArgv } from './program.ts';
import { temporalBinary } from './temporal-binary.ts';

const UP_WITHIN_MS = 120_000;
const DOWN_WITHIN_MS = 60_000;
/** A role that ended so often before it worked does not work. */
const HOPELESS_RESTARTS = 5;

export interface Started {
  readonly status: GroupStatus;
  /** False: it ran before. */
  readonly is_new: boolean;
}

/**
 * Starts the group in the background and resolves when it is healthy; nothing is started when it runs already.
 * When a role cannot work, what was started is stopped again and its log's last words are told.
 */
export async function startGroup(config: Config, { say }: { readonly say: (line: string) => void }): Promise<Started> {
  prepareFolders(config);
  const running = await groupStatus(config.run_folder);
  if (running) return { status: await healthy(config, { say, supervisor: null }), is_new: false };
  await haveStore(config);
  await haveEngine(config, say).catch((error: unknown) => {
    sweepSockets(config);
    throw error;
  });
  const supervisor = detach(config);
  try {
    return { status: await healthy(config, { say, supervisor }), is_new: true };
  } catch (error) {
    await stopGroup(config);
    throw error;
  }
}

/** What its roles would end over, told here by its own name: a store that is lost, damaged, locked, of another version, or has no room. */
async function haveStore(config: Config): Promise<void> {
  refuseOtherKind(config);
  refuseLost(config, config.temporal.address === null ? 'own' : 'elsewhere');
  if (config.database_url) return; // its roles wait for a server
  const { openStore } = await import('../store/open.ts'); // none of it stays in the supervisor
  await (await openStore(config)).close();
}

/** Installed here, where somebody sees how it goes. */
async function haveEngine({ temporal, path, data_folder }: Config, say: (line: string) => void): Promise<void> {
  if (temporal.address === null)
    await temporalBinary({ override: temporal.bin, path, tools: join(data_folder, 'tools'), say });
}

interface Waiting {
  readonly say: (line: string) => void;
  /** The process that was started; null when another one did. */
  readonly supervisor: ChildProcess | null;
}

async function healthy(config: Config, { say, supervisor }: Waiting): Promise<GroupStatus> {
  const deadline = performance.now() + UP_WITHIN_MS;
  let told = '';
  for (;;) {
    const status = await groupStatus(config.run_folder);
    if (status?.ready) return status;
    const missing = status?.roles.filter((role) => !isUp(role)) ?? [];
    const broken = missing.find(({ restarts }) => restarts >= HOPELESS_RESTARTS);
    if (broken) throw failedRole(config, broken);
    if (!status && hasEnded(supervisor) && !isLocked(lockOf(config))) throw failedStart(config);
    const now = missing.map(({ role }) => role).join(', ');
    if (now && now !== told) say(`Waiting for ${(told = now)} …`);
    if (performance.now() > deadline) throw late(config, missing);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Another `tack up` may have been quicker: then the lock is held, and its group is waited for. */
const hasEnded = (supervisor: ChildProcess | null): boolean =>
  supervisor === null || supervisor.exitCode !== null || supervisor.signalCode !== null;

function detach(config: Config): ChildProcess {
  const fd = openSync(logOf(config, 'supervisor'), 'a', 0o600);
  const [command = '', ...args] = ownArgv('up', '--foreground');
  const env = ownEnvironment();
  const child = spawn(command, args, {
    detached: true,
    stdio: ['pipe', fd, fd],
    cwd: '/',
    env: {
      ...withoutSecrets(env),
      ...compileCache(config.data_folder, env),
      TACK_HOME: config.data_folder,
      TACK_RUN_FOLDER: config.run_folder,
      TACK_CREDENTIAL_FD: '0',
    },
  });
  closeSync(fd);
  child.stdin?.on('error', () => undefined); // it ended before it read: its log says why
  child.stdin?.end(JSON.stringify(ownHandOver('`tack up`', env)));
  child.unref();
  return child;
}

/** Stops the group and resolves when it is gone. False when nothing ran. */
export async function stopGroup(config: Config): Promise<boolean> {
  const status = await groupStatus(config.run_folder);
  if (status === null) return (sweepSockets(config), false);
  await askSupervisor(config.run_folder, 'POST', '/stop');
  const deadline = performance.now() + DOWN_WITHIN_MS;
  while (isAlive(status.pid)) {
    if (performance.now() > deadline)
      throw new TackError(
        'timeout',
        `The supervisor (pid ${status.pid}) has not ended after ${DOWN_WITHIN_MS / 1000} s.`,
      );
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return true;
}

/** What a supervisor that was killed has left, or a start that came to nothing: nobody answers there, and nobody holds the lock. */
function sweepSockets(config: Config): void {
  const { run_folder } = config;
  if (!existsSync(run_folder) || isLocked(lockOf(config))) return;
  const is_bare = readdirSync(run_folder, { recursive: true }).every((name) => name === 'e');
  if (is_bare || existsSync(join(run_folder, 'supervisor.sock'))) rmSync(run_folder, { recursive: true, force: true });
}

/** What has ended may stay in the list: the first process of a container is slow to look, or never does. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux'; // there is no /proc elsewhere
  }
}

const lockOf = ({ data_folder }: Config): string => join(data_folder, 'lock');
const logOf = ({ data_folder }: Config, who: string): string => join(data_folder, 'logs', `${who}.log`);

/** What a person can use of it: neither where in our code, nor that it has ended. */
const NOISE = /^ +at |"text":" +at |"msg":"role\.ended"|^\s*$/;

function lastWords(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines
      .filter((line) => !NOISE.test(line))
      .slice(-4)
      .map((line) => textIn(line).slice(0, 500))
      .join('\n');
  } catch {
    return ''; // it wrote nothing
  }
}

/** What a role printed that was no line of its log. */
function textIn(line: string): string {
  try {
    const { text } = JSON.parse(line) as { readonly text?: unknown };
    return typeof text === 'string' ? text : line;
  } catch {
    return line; // of the supervisor
  }
}

function failedStart(config: Config): TackError {
  const log = logOf(config, 'supervisor');
  return new TackError('role_failed', `The supervisor could not start (${log}):\n${lastWords(log)}`);
}

function failedRole(config: Config, { role, detail, restarts }: RoleStatus): TackError {
  const log = logOf(config, role);
  return new TackError(
    'role_failed',
    `The ${role} does not work: it ended ${restarts} times (${detail}). Its last words (${log}):\n${lastWords(log)}`,
  );
}

function late(config: Config, missing: readonly RoleStatus[]): TackError {
  const lines = missing.map(
    ({ role, state, detail }) => `${role} is ${state}${detail ? ` (${detail})` : ''}: ${logOf(config, role)}`,
  );
  return new TackError(
    'role_failed',
    `Not every role works after ${UP_WITHIN_MS / 1000} s. ${lines.join('; ') || logOf(config, 'supervisor')}`,
  );
}
