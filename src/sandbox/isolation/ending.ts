import { setTimeout as wait } from 'node:timers/promises';
import { allProcesses, environmentOf, lookUp, type ProcessRow } from './processes.ts';

/** Between two looks at `/proc` (ms): the kernel gives no event for the end of a process that is not our child. */
const LOOK_MS = 2;

/** What there is to end. */
export interface Ending {
  /** The launched process; undefined once it has ended and its pid may be another's. */
  readonly outer: ProcessRow | undefined;
  /** Its first children, once it had reported. */
  readonly started: readonly ProcessRow[];
}

/**
 * Ends a sandbox: its first process takes every other one along, and is dead only when they are. Resolves when it is.
 * A launcher that is still at work is stopped first, so that nothing can begin between the look and the kill. A zombie
 * counts as dead: its reaper may be slow.
 */
export async function endSandbox({ outer, started }: Ending): Promise<void> {
  const inner = [...started];
  if (outer && inner.length === 0) {
    signal(outer, 'SIGSTOP');
    while (isAlive(outer) && lookUp(outer.pid)?.state !== 'T') await wait(LOOK_MS);
    inner.push(...childrenOf(outer.pid));
  }
  if (outer) signal(outer, 'SIGKILL');
  for (const row of inner) signal(row, 'SIGKILL');
  while (inner.some(isAlive)) await wait(LOOK_MS);
}

/** Ends a process without a sandbox: its group, its descendants, and whatever carries its mark in the environment. */
export async function endMarked({ outer }: Ending, mark: string): Promise<void> {
  for (let left = ofLaunch(outer, mark); left.length > 0; left = ofLaunch(outer, mark)) {
    for (const row of left) signal(row, 'SIGKILL');
    await wait(LOOK_MS);
  }
}

/** The children of a process. */
export const childrenOf = (parent: number): readonly ProcessRow[] =>
  allProcesses().filter((row) => row.parent === parent);

function ofLaunch(outer: ProcessRow | undefined, mark: string): readonly ProcessRow[] {
  const living = allProcesses().filter(isLiving);
  const found = new Set<number>();
  const isOurs = ({ pid, parent, group }: ProcessRow): boolean =>
    group === outer?.pid || found.has(parent) || environmentOf(pid).includes(mark);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const row of living) if (!found.has(row.pid) && isOurs(row)) found.add(row.pid);
  }
  return living.filter(({ pid }) => found.has(pid));
}

function isAlive(row: ProcessRow): boolean {
  const now = lookUp(row.pid);
  return now !== undefined && now.started_at === row.started_at && isLiving(now);
}

const isLiving = ({ state }: ProcessRow): boolean => state !== 'Z' && state !== 'X';

function signal(row: ProcessRow, name: NodeJS.Signals): void {
  if (!isAlive(row)) return;
  try {
    process.kill(row.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
