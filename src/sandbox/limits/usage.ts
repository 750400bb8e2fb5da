/** What a sandbox uses at this moment, seen from the host. */
import { readFileSync, statfsSync } from 'node:fs';
import { allProcesses, type ProcessRow } from '../isolation/processes.ts';

export interface Member {
  readonly pid: number;
  /** Its number inside; the first three are the sandbox's own: its init, the command, the watcher of the lifeline. */
  readonly inner_pid: number;
  readonly name: string;
  /** Memory that is its own, in bytes: not the files that it mapped. */
  readonly memory_bytes: number;
}

export interface Usage {
  readonly members: readonly Member[];
  /** Of all members, and of the files in its memory (/tmp, /dev/shm). */
  readonly memory_bytes: number;
}

/** The numbers inside of what a limit must not end alone: without them there is no sandbox. */
const OWN = 3;

export const isOwn = ({ inner_pid }: Member): boolean => inner_pid <= OWN;

/** The table of processes by parent: read once for every sandbox. */
export type Children = ReadonlyMap<number, readonly ProcessRow[]>;
export const childrenNow = (): Children => Map.groupBy(allProcesses(), ({ parent }) => parent);

/** Looks at everything below a launched process. */
export function usageOf(launched: number, children: Children): Usage {
  const members = below(launched, children).flatMap((pid) => memberOf(pid) ?? []);
  const command = members.find(({ inner_pid }) => inner_pid === 2);
  const files = command ? filesInMemory(command.pid) : 0;
  return { members, memory_bytes: members.reduce((sum, one) => sum + one.memory_bytes, files) };
}

function below(launched: number, children: Children): readonly number[] {
  const found: number[] = [];
  for (const next = [launched]; next.length > 0;) {
    for (const { pid } of children.get(next.pop() as number) ?? []) {
      found.push(pid);
      next.push(pid);
    }
  }
  return found;
}

function memberOf(pid: number): Member | undefined {
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, 'latin1'));
  const word = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status ?? '')?.[1] ?? '';
  const inner_pid = Number(word('NSpid').split('\t').at(-1));
  if (!inner_pid) return undefined; // it ended while we looked
  return { pid, inner_pid, name: word('Name'), memory_bytes: (Number.parseInt(word('RssAnon'), 10) || 0) * 1024 };
}

/** Files of a tmpfs are memory that belongs to no process. */
function filesInMemory(pid: number): number {
  return ['tmp', 'dev/shm'].reduce((sum, place) => {
    const found = attempt(() => statfsSync(`/proc/${pid}/root/${place}`));
    return sum + (found ? (found.blocks - found.bfree) * found.bsize : 0);
  }, 0);
}

/** What is gone, or may not be seen, uses nothing. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
