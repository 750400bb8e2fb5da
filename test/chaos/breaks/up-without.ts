/** Starts the roles of a room, its worker without one guard. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { processesNaming } from '../../support/processes.ts';
import type { Room } from '../../support/tackroom.ts';
import { until } from '../../support/until.ts';
import type { Guard } from './guards.ts';

const GROUP = fileURLToPath(new URL('unguarded-group.ts', import.meta.url));

export const upWithout =
  (guard: Guard) =>
  async (room: Room): Promise<void> => {
    const group = spawn(process.execPath, [GROUP, guard], {
      env: room.env,
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: '/',
    });
    const said: string[] = [];
    group.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
    await until(
      'the group',
      async () => {
        if (group.exitCode !== null) throw new Error(`It ended with ${group.exitCode}: ${said.join('')}`);
        return (await room.status().catch(() => null))?.ready; // nobody answers at first
      },
      120_000,
    );
  };

/** What outlives its worker outlives the room: it is ended here. */
export function endLeftovers(home: string): void {
  for (const { pid, command } of processesNaming(home)) if (command.includes('keeper.ts')) process.kill(pid, 'SIGTERM');
}
