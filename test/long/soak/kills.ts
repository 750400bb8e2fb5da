/** Kill -9 of a role, a harness or the supervisor, and how long until the group works again. */
import { isUp, type GroupStatus, type Role } from '../../../src/domain/wires/supervisor.ts';
import { groupStatus } from '../../../src/supervisor/control.ts';
import { processes } from '../../support/processes.ts';
import type { Room } from '../../support/tackroom.ts';
import { eventually } from './patience.ts';
import { sessionOf } from './look.ts';

/** How often each is chosen. */
export const VICTIMS = {
  worker: 4,
  server: 3,
  broker: 3,
  engine: 2,
  harness: 3,
  supervisor: 1,
  'down and up': 1,
} as const;
export type Victim = keyof typeof VICTIMS;

export interface Killed {
  readonly t_s: number;
  readonly victim: Victim;
  /** Until every role works again; 0 for a harness. */
  readonly back_ms: number;
}

export interface Group {
  readonly room: Room;
  readonly run_folder: string;
}

/** Null: there was nobody to kill. */
export async function kill(group: Group, victim: Victim): Promise<number | null> {
  const { room, run_folder } = group;
  const before = await groupStatus(run_folder);
  if (!before) throw new Error('No supervisor runs.');
  const from = performance.now();
  if (victim === 'harness') return killHarness();
  if (victim === 'down and up') {
    const { code, stderr } = await room.tack(['down']);
    if (code !== 0) throw new Error(`tack down ended with ${code}: ${stderr}`);
    await room.up();
  } else if (victim === 'supervisor') {
    const gone = [before.pid, ...before.roles.flatMap(({ pid }) => pid ?? [])];
    process.kill(before.pid, 'SIGKILL');
    await eventually('the end of the whole group', () => !processes().some(({ pid }) => gone.includes(pid)));
    await room.up();
  } else {
    const pid = before.roles.find(({ role }) => role === victim)?.pid;
    if (!pid) return null;
    process.kill(pid, 'SIGKILL');
    await eventually(`another ${victim}`, async () => isBack(await groupStatus(run_folder), victim, pid));
  }
  return Math.round(performance.now() - from);
}

function isBack(status: GroupStatus | null, victim: Role, before: number): boolean {
  const one = status?.roles.find(({ role }) => role === victim);
  return one !== undefined && isUp(one) && one.pid !== before;
}

/** Whatever is largest in a session's sandbox: Claude Code, or the player of a script. */
function killHarness(): number | null {
  const inside = processes().filter(({ pid, command }) => sessionOf(pid) !== null && !command.startsWith('bwrap'));
  const victim = inside.find(({ command }) => command.startsWith('/opt/harness/')) ?? inside.at(-1);
  if (!victim) return null;
  try {
    process.kill(victim.pid, 'SIGKILL');
    return 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return null; // it was quicker
    throw error;
  }
}
