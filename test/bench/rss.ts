/** Resident memory of each role of a room. */
import { readFileSync } from 'node:fs';
import type { Room } from '../support/tackroom.ts';

/** KB. */
export async function rssOfRoles(room: Room): Promise<Readonly<Record<string, number>>> {
  const { pid, roles } = await room.status();
  return Object.fromEntries([['supervisor', rss(pid)], ...roles.map((one) => [one.role, rss(one.pid ?? 0)])]);
}

export function rss(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}
