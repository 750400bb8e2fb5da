/** Kill -9 of one process of a room, and what a person does then: nothing, but for the supervisor, which is started again. */
import type { GroupStatus } from '../../src/domain/wires/supervisor.ts';
import { end, processes, processesNaming, processesOf } from '../support/processes.ts';
import type { Room } from '../support/tackroom.ts';
import { until } from '../support/until.ts';
import type { Victim } from './cells.ts';
import { expectSoon } from './violation.ts';

/** Whose attempt dies with it; of the others a session hears nothing. */
export const TAKES_THE_ATTEMPT: readonly Victim[] = ['worker', 'harness', 'supervisor'];

/** The processes of this victim now; none when a session has no harness. `group` is what `tack status` said before. */
export function pidsOf(victim: Victim, group: GroupStatus, sessions: readonly string[]): readonly number[] {
  if (victim === 'harness') return sessions.flatMap(harnessOf);
  const pid = victim === 'supervisor' ? group.pid : group.roles.find(({ role }) => role === victim)?.pid;
  if (!pid) throw new Error(`No ${victim} runs.`);
  return [pid];
}

const IN_A_SANDBOX = ['/opt/harness/', '/opt/tackroom/bin/node'];

const harnessOf = (session_id: string): readonly number[] =>
  processesOf(session_id)
    .filter(({ command }) => IN_A_SANDBOX.some((start) => command.startsWith(start)))
    .map(({ pid }) => pid);

/** Resolves when they are gone. */
export async function killAll(pids: readonly number[]): Promise<void> {
  for (const pid of pids) end(pid);
  await until('the end of what was killed', () => !processes().some(({ pid }) => pids.includes(pid)));
}

/** `tack up`, once nothing of the group is left: that takes nobody's help. */
export async function upAgain(room: Room, sessions: readonly string[]): Promise<void> {
  const left = () => [...processesNaming(room.home), ...sessions.flatMap(processesOf)];
  await expectSoon('ps', 'no process of the group', () => left().length === 0);
  await room.up();
}
