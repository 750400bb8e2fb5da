/** What stands on the host around every try: a victim process, listeners, shared memory, each with a canary. */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Host {
  /** A process of this user with the canary in its environment, its words and a file that it holds open. */
  readonly victim: { readonly pid: number; isAlive(): boolean };
  readonly canary: string;
  /** Key of a segment of System V shared memory that begins with the canary. */
  readonly shm_key: number;
  /** Where somebody listens: a path like a container engine's, and a name without a path. */
  readonly sockets: { readonly path: string; readonly abstract: string };
  /** Listens at a path, with the same log. */
  listen(path: string): Promise<() => void>;
  /** Who was heard since the last call. */
  heard(): readonly string[];
  close(): Promise<void>;
}

export async function openHost(): Promise<Host> {
  const canary = `canary-${randomBytes(12).toString('hex')}`;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tack-escape-')));
  const held = join(folder, 'held');
  writeFileSync(held, canary);
  const fd = openSync(held, 'r');
  const victim = spawn('bash', ['-c', 'exec -a "$CANARY" sleep 900'], {
    env: { PATH: process.env['PATH'], CANARY: canary },
    stdio: ['ignore', 'ignore', 'ignore', fd],
    cwd: folder,
  });
  closeSync(fd);
  await once(victim, 'spawn');
  const shm_key = 0x7ac0_0000 + (process.pid & 0xffff);
  perl(`my $id = shmget(${shm_key}, 64, 01600) // die $!; shmwrite($id, "${canary}", 0, 64) or die $!`);

  let heard: string[] = [];
  const closing: (() => void)[] = [];
  const listen = async (path: string) => {
    const server = createServer((socket) => {
      heard.push(path);
      socket.on('error', () => {}).end(canary);
    }).listen(path);
    await once(server, 'listening');
    const close = () => void server.close();
    closing.push(close);
    return close;
  };
  const sockets = { path: join(folder, 'docker.sock'), abstract: `\0tack-escape-${process.pid}` };
  await listen(sockets.path);
  await listen(sockets.abstract);
  return {
    victim: { pid: victim.pid as number, isAlive: () => victim.exitCode === null && victim.signalCode === null },
    ...{ canary, shm_key, sockets, listen },
    heard: () => heard.splice(0),
    async close() {
      for (const close of closing) close();
      perl(`my $id = shmget(${shm_key}, 0, 0); shmctl($id, 0, 0) if defined $id`);
      if (victim.exitCode === null && victim.signalCode === null) {
        victim.kill('SIGKILL');
        await once(victim, 'exit');
      }
      heard = [];
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a line of perl on the host; throws what it says. */
export function perl(line: string, ...args: readonly string[]): string {
  const done = spawnSync('perl', ['-e', line, ...args], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`perl: ${done.stderr || done.error?.message}`);
  return done.stdout;
}
