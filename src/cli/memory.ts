/** Memory of a process of this machine; null where the system does not tell. */
import { readFileSync } from 'node:fs';

export function rssOf(pid: number | null): number | null {
  if (pid === null) return null;
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null; // it has ended, or there is no /proc here
  }
}
