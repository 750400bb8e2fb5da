/** A control group of our own for each launch, where the machine lets us have them (cgroup v2, delegated). */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A folder of the control groups in which ours are made. */
export interface Cgroup {
  readonly folder: string;
}

export interface OwnCgroup {
  /** The words in front of a launch that put it there before anything of it runs. */
  readonly words: readonly string[];
  /** How many processes the kernel ended for their memory. */
  oomKills(): number;
  /** Ends what is in it, and removes it. */
  remove(): Promise<void>;
}

const CONTROLLERS = ['memory', 'pids'] as const;
/** Ours, by the worker that made them: a successor on the same host removes those whose worker is gone. */
const NAME = /^tack-(\d+)-\d+$/;
let made = 0;

/**
 * Looks for a place that holds memory and processes and that we may write to: the parent of our own group, when no process
 * is in it (a unit with `Delegate=` and `DelegateSubgroup=`), or our own group when it is the root of all.
 */
export function findCgroup(
  { own, mounts }: { own: string; mounts: string } = {
    own: readOr('/proc/self/cgroup'),
    mounts: readOr('/proc/self/mounts'),
  },
): Cgroup | undefined {
  const path = /^0::(\/.*)$/m.exec(own)?.[1];
  const root = /^\S+ (\S+) cgroup2 /m.exec(mounts)?.[1];
  if (path === undefined || root === undefined) return undefined;
  const folders = path === '/' ? [root] : [dirname(join(root, path))];
  const folder = folders.find(isOurs);
  return folder === undefined ? undefined : { folder };
}

/** True when it hands memory and processes to the groups in it, or did so when we asked. */
function isOurs(folder: string): boolean {
  const there = words(readOr(join(folder, 'cgroup.controllers')));
  if (!CONTROLLERS.every((name) => there.includes(name))) return false;
  const handed = () => words(readOr(join(folder, 'cgroup.subtree_control')));
  if (CONTROLLERS.every((name) => handed().includes(name))) return mayMake(folder);
  try {
    writeFileSync(join(folder, 'cgroup.subtree_control'), CONTROLLERS.map((name) => `+${name}`).join(' '));
  } catch {
    return false; // not ours, or there are processes in it
  }
  return mayMake(folder);
}

function mayMake(folder: string): boolean {
  const trial = join(folder, `tack-${process.pid}-0`);
  try {
    mkdirSync(trial);
    rmdirSync(trial);
    return true;
  } catch {
    return false;
  }
}

/** Makes a group with these limits. */
export function makeCgroup(
  { folder }: Cgroup,
  limits: { readonly memory_bytes: number; readonly processes: number },
): OwnCgroup {
  const path = join(folder, `tack-${process.pid}-${++made}`);
  mkdirSync(path);
  // four of a sandbox's processes are not the session's
  const files = {
    'memory.max': limits.memory_bytes,
    'memory.swap.max': 0,
    'memory.oom.group': 0,
    'pids.max': limits.processes + 4,
  };
  for (const [name, value] of Object.entries(files))
    if (existsSync(join(path, name))) writeFileSync(join(path, name), `${value}`);
  return {
    words: ['/bin/sh', '-c', 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"', 'cgroup', path],
    oomKills: () => Number(/^oom_kill (\d+)$/m.exec(readOr(join(path, 'memory.events')))?.[1] ?? 0),
    remove: () => removeCgroup(path),
  };
}

/** Removes the groups of workers that are gone; with their processes, which nobody else ends. */
export async function sweepCgroups({ folder }: Cgroup, isAlive: (pid: number) => boolean): Promise<readonly string[]> {
  const left = readdirSync(folder).filter((name) => {
    const pid = NAME.exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  });
  await Promise.all(left.map((name) => removeCgroup(join(folder, name))));
  return left;
}

async function removeCgroup(path: string): Promise<void> {
  for (let tries = 0; existsSync(path) && tries < 200; tries++) {
    try {
      writeFileSync(join(path, 'cgroup.kill'), '1');
      rmdirSync(path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      await wait(10); // the kernel lets go of it when its last process is reaped
    }
  }
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
