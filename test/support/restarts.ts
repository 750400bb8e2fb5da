/** Ways in which every role of a room is gone at once or in turn, and back. */
import { mkdtempSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROLES, type GroupStatus } from '../../src/domain/wires/supervisor.ts';
import { processesNaming } from './processes.ts';
import type { Room } from './tackroom.ts';
import { until } from './until.ts';

export const RESTARTS = ['down and up', 'each role killed', 'all killed at once'] as const;
export type Restart = (typeof RESTARTS)[number];

/** Resolves when every role runs again, each as another process than before. */
export async function restartEverything(room: Room, how: Restart): Promise<void> {
  const before = await room.status();
  await RESTART[how](room, before);
  const old = pidsOf(before);
  const after = pidsOf(await room.status());
  if (old.length !== ROLES.length || after.length !== ROLES.length || after.some((pid) => old.includes(pid)))
    throw new Error(`Not every role was restarted: ${old.join(' ')} → ${after.join(' ')}`);
}

/** Stops every role, puts the data folder at another path, and starts the roles there. */
export async function moveDataFolder(room: Room): Promise<void> {
  const from = room.home;
  const { code, stderr } = await room.tack(['down']);
  if (code !== 0) throw new Error(`tack down ended with ${code}: ${stderr}`);
  await until(`no process of ${from}`, () => processesNaming(from).length === 0);
  const to = mkdtempSync(join(tmpdir(), 'tack-moved-'));
  renameSync(from, to);
  room.env['TACK_HOME'] = to;
  await room.up();
}

const RESTART: Readonly<Record<Restart, (room: Room, before: GroupStatus) => Promise<void>>> = {
  async 'down and up'(room) {
    const { code, stderr } = await room.tack(['down']);
    if (code !== 0) throw new Error(`tack down ended with ${code}: ${stderr}`);
    await room.up();
  },
  async 'each role killed'(room) {
    for (const role of ROLES) {
      const pid = await room.kill(role);
      await until(
        `another ${role}`,
        async () => {
          const { ready, roles } = await room.status();
          return ready && roles.some((one) => one.role === role && one.pid !== pid);
        },
        60_000,
      );
    }
  },
  async 'all killed at once'(room, before) {
    for (const pid of [before.pid, ...pidsOf(before)]) process.kill(pid, 'SIGKILL');
    await until(`no process of ${room.home}`, () => processesNaming(room.home).length === 0);
    await room.up();
  },
};

const pidsOf = ({ roles }: GroupStatus): readonly number[] => roles.flatMap(({ pid }) => pid ?? []);
