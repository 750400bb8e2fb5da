import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Between two looks at `/proc` (ms): the kernel gives no event for the end of a process that is not our child. */
const LOOK_MS = 2;

/**
 * Ends a sandbox: its first process takes every other one along, and is dead only when they are. Resolves when it is.
 * A zombie counts as dead: its reaper may be slow.
 */
export async function endSandbox({ outer, inner }: { outer: number; inner: number | undefined }): Promise<void> {
  for (const pid of [inner, outer]) if (pid !== undefined) signalKill(pid);
  while (inner !== undefined && isAlive(inner)) await wait(LOOK_MS);
}

/** Ends a process without a sandbox: its group, its descendants, and whatever carries its mark in the environment. */
export async function endMarked({ outer }: { outer: number }, mark: string): Promise<void> {
  for (let left = ofLaunch(outer, mark); left.length > 0; left = ofLaunch(outer, mark)) {
    for (const pid of left) signalKill(pid);
    await wait(LOOK_MS);
  }
}

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly state: string;
}

function ofLaunch(outer: number, mark: string): readonly number[] {
  const rows = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readRow(Number(name)) ?? []) : []));
  const found = new Set<number>();
  const isOurs = ({ pid, parent, group }: Row): boolean =>
    pid === outer || group === outer || found.has(parent) || environmentOf(pid).includes(mark);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const row of rows) if (row.state !== 'Z' && row.state !== 'X' && isOurs(row)) found.add(row.pid);
  }
  return [...found];
}

function isAlive(pid: number): boolean {
  const row = readRow(pid);
  return row !== undefined && row.state !== 'Z' && row.state !== 'X';
}

function readRow(pid: number): Row | undefined {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === undefined || state === '') return undefined;
  return { pid, state, parent: Number(parent), group: Number(group) };
}

const environmentOf = (pid: number): string => readOrEmpty(`/proc/${pid}/environ`);

/** Processes end while they are looked at, and those of others cannot be read: both have nothing to tell. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function signalKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
