/** What `ps` would say: an oracle outside our code. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessLine {
  readonly pid: number;
  readonly ppid: number;
  readonly state: string;
  readonly command: string;
}

/** Every process of the machine, without zombies (the sandbox's init is the host init's to reap, a moment later). */
export const processes = (): ProcessLine[] => everyProcess().filter(({ state }) => state !== 'Z');

export function everyProcess(): ProcessLine[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state = '?', ppid = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), ppid: Number(ppid), state, command }];
      } catch {
        return []; // it ended while we looked
      }
    });
}

/** SIGKILL; one that has ended by itself is no failure. */
export function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Processes that hold anything of this session's folder: by their mounts (sandboxed) or by their working directory (bare). */
export function processesOf(session_id: string): ProcessLine[] {
  return processes().filter(({ pid }) => {
    try {
      return (
        readFileSync(`/proc/${pid}/mountinfo`, 'utf8').includes(`/${session_id}/`) ||
        readlinkSync(`/proc/${pid}/cwd`).includes(`/${session_id}/`)
      );
    } catch {
      return false;
    }
  });
}

/** Processes that carry this data folder in their environment or command line: the roles of one group. */
export function processesNaming(text: string): ProcessLine[] {
  return processes().filter(({ pid, command }) => {
    if (pid === process.pid) return false;
    if (command.includes(text)) return true;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}
