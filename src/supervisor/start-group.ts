/** `tack up`: the group in the foreground, or as a process of its own that outlives the terminal; and its end. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownEnvironment, type Config } from '../config.ts';
import { TackError } from '../domain/errors.ts';
import type { GroupStatus } from '../domain/wires/supervisor.ts';
import { askSupervisor, groupStatus, serveControl } from './control.ts';
import { prepareFolders } from './data-folder.ts';
import { ownArgv, startSupervised, type GroupOptions } from './group.ts';

const UP_WITHIN_MS = 180_000; // the first start installs the engine

/** Runs the group in this process until it is told to stop. */
export async function runGroup(options: GroupOptions): Promise<void> {
  const group = await startSupervised(options);
  const told = Promise.withResolvers<void>();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => told.resolve());
  const control = await serveControl(options.config.run_folder, { group, stop: () => told.resolve() });
  group.ready.then(
    () => options.say('ready'),
    (error: unknown) => options.say(error instanceof Error ? error.message : String(error)),
  );
  await told.promise;
  await group.stop();
  control.close();
  control.closeAllConnections();
}

/** Starts the group in the background and returns when it is healthy. Nothing happens when it runs already. */
export async function startGroup(
  config: Config,
  { say }: { readonly say: (line: string) => void },
): Promise<GroupStatus> {
  prepareFolders(config);
  const log = join(config.data_folder, 'logs', 'supervisor.log');
  if ((await groupStatus(config.run_folder)) === null) detach(config, log);
  const deadline = performance.now() + UP_WITHIN_MS;
  let told = '';
  for (;;) {
    const status = await groupStatus(config.run_folder);
    if (status?.ready) return status;
    const working = status?.roles.filter(({ state }) => state !== 'ready' && state !== 'away').map(({ role }) => role);
    const now = working ? `Waiting for ${working.join(', ')} …` : '';
    if (now && now !== told) say((told = now));
    if (!status && starting !== null && starting.exitCode !== null) throw failedStart(log);
    if (performance.now() > deadline)
      throw new TackError(
        'server_unreachable',
        `The roles do not all work after ${UP_WITHIN_MS / 1000} s. See ${log} and the logs beside it.`,
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

let starting: { readonly exitCode: number | null } | null = null;

function detach({ data_folder }: Config, log: string): void {
  const fd = openSync(log, 'a', 0o600);
  const [command = '', ...args] = ownArgv('up', '--foreground');
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', fd, fd],
    cwd: '/',
    env: { ...ownEnvironment(), TACK_HOME: data_folder },
  });
  closeSync(fd);
  child.unref();
  starting = child;
}

function failedStart(log: string): TackError {
  const last = readFileSync(log, 'utf8').trim().split('\n').slice(-4).join('\n');
  return new TackError('server_unreachable', `The supervisor could not start: ${last}`);
}

/** Stops the group and resolves when it is gone. False when nothing ran. */
export async function stopGroup(config: Config): Promise<boolean> {
  const status = await groupStatus(config.run_folder);
  if (status === null) return false;
  await askSupervisor(config.run_folder, 'POST', '/stop');
  while (isAlive(status.pid)) await new Promise((resolve) => setTimeout(resolve, 25));
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
