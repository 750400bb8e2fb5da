/** The private mount namespace of a root launcher: a process holds it open, and binds there what is asked for, once. */
import { spawn } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { TackError } from '../../domain/errors.ts';
import type { Mount } from './options.ts';
import { bindLine, STAGE, type Source, stageMounts, type Staged } from './stage.ts';

export interface Reached {
  /** What puts a command into the namespace. */
  readonly words: readonly string[];
  /** The mounts, by paths that a uid without rights reaches there. */
  readonly mounts: readonly Mount[];
}

export interface Staging {
  /** Throws `sandbox_failed` when a source cannot be bound; what was bound before stays. */
  reach(mounts: readonly Mount[]): Promise<Reached>;
}

export interface StagingOptions {
  /** Folders whose content comes and goes: each is bound whole when something below it is first needed. */
  readonly roots: readonly string[];
  /** The uid without rights. */
  readonly uid: number;
}

export function createStaging({ roots, uid }: StagingOptions): Staging {
  let keeper: Promise<Keeper> | undefined;
  let bound: readonly Staged[] = [];
  let last: Promise<unknown> = Promise.resolve();

  async function reach(mounts: readonly Mount[]): Promise<Reached> {
    keeper ??= openKeeper(() => ((keeper = undefined), (bound = [])));
    const { pid, bind } = await keeper;
    const mayEnter = (folder: string) => isOpenTo(uid, folder);
    const plan = stageMounts(mounts, { bound, roots: roots.flatMap(realFolder), look, mayEnter });
    for (const source of plan.missing) {
      await bind(source);
      bound = [...bound, source];
    }
    return { words: ['nsenter', `--mount=/proc/${pid}/ns/mnt`, '--'], mounts: plan.mounts };
  }

  return {
    reach(mounts) {
      const next = last.then(() => reach(mounts));
      last = next.catch(() => undefined); // its caller is told
      return next;
    },
  };
}

interface Keeper {
  readonly pid: number;
  bind(source: Staged): Promise<void>;
}

/** It ends with this process: its input ends then. */
async function openKeeper(onEnd: () => void): Promise<Keeper> {
  const words = ['--mount', '--propagation', 'slave', '--', '/bin/sh', '-c', KEEP, 'tackroom-stage', STAGE];
  const child = spawn('unshare', words, {
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // Ctrl-C in the terminal of a role is no message to it
  });
  const [stdin, stdout] = [child.stdin as Socket, child.stdout as Socket];
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', (code, signal) => resolve(`what holds it open ended (${signal ?? `exit ${code}`})`));
  });
  void ended.then(onEnd);
  stdin.on('error', () => undefined); // it ended: that is told
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<void> => {
    stdout.ref(); // nothing else may keep this process alive meanwhile
    const said = await Promise.race([lines.next().then(({ value }) => (value as string | undefined) ?? ended), ended]);
    stdout.unref();
    if (said !== 'done') throw new TackError('sandbox_failed', `The stage of the sandbox could not be filled: ${said}`);
  };
  for (const handle of [child, stdin, stdout]) handle.unref();
  await answer();
  return {
    pid: child.pid as number,
    bind(source) {
      stdin.write(`${source.type} ${source.staged} ${bindLine(source)}\n`);
      return answer();
    },
  };
}

/** A folder or an empty file to bind on, then the line of a table of mounts: the host's path may hold any sign. */
const KEEP = `
mount -t tmpfs -o mode=0755,size=1m,nosuid,nodev tackroom-stage "$1" || exit
echo done
while read -r type place line; do
  case $type in folder) mkdir -p "$place";; file) : >"$place";; esac
  printf '%s\\n' "$line" >"$1/table"
  if words=$(mount --no-canonicalize --all --fstab "$1/table" 2>&1); then echo done; else echo "refused: $words" | tr '\\n' ' '; echo; fi
done
`;

function look(host: string): Source {
  const found = statSync(host);
  return { type: found.isDirectory() ? 'folder' : 'file', id: `${found.dev}:${found.ino}` };
}

function isOpenTo(uid: number, folder: string): boolean {
  const found = statSync(folder);
  const right = found.uid === uid ? 0o100 : found.gid === uid ? 0o010 : 0o001; // its group has the number of the uid
  return (found.mode & right) !== 0;
}

/** None when there is no such folder yet. */
function realFolder(root: string): readonly string[] {
  return existsSync(root) ? [realpathSync(root)] : [];
}
