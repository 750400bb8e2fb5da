import { readdirSync, readFileSync } from 'node:fs';

/** A process as `/proc` shows it. The pid and the start together are one process: pids are used again. */
export interface ProcessRow {
  readonly pid: number;
  readonly started_at: string;
  readonly parent: number;
  readonly group: number;
  readonly state: string;
}

/** Every process of this machine that can be seen. */
export function allProcesses(): readonly ProcessRow[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (lookUp(Number(name)) ?? []) : []));
}

/** One process; undefined when there is none. */
export function lookUp(pid: number): ProcessRow | undefined {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group] = words;
  const started_at = words[19];
  if (state === undefined || started_at === undefined) return undefined;
  return { pid, started_at, parent: Number(parent), group: Number(group), state };
}

/** The environment a process was started with; empty when it may not be read. */
export const environmentOf = (pid: number): string => readOrEmpty(`/proc/${pid}/environ`);

/** Processes end while they are looked at, and those of others cannot be read: both have nothing to tell. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
