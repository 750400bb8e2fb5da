/** What the machine says: /proc, the file system, `du`. No word of ours is believed here, but for the pids of the roles. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GroupStatus } from '../../../src/domain/wires/supervisor.ts';
import { everyProcess, type ProcessLine } from '../../support/processes.ts';

export interface RoleSeen {
  readonly pid: number;
  readonly rss_mb: number;
  /** Its own share of the memory. */
  readonly pss_mb: number;
  readonly fds: number;
  readonly threads: number;
}
export interface Seen {
  readonly roles: Readonly<Record<string, RoleSeen>>;
  /** The supervisor and everything below it, sandboxes left out. */
  readonly group: number;
  readonly sandboxed: number;
  /** In the sandbox of a session that has no turn, or of no parent that we know: pid and command. */
  readonly strays: readonly string[];
  readonly zombies: number;
  /** New in the folder for temporary files. */
  readonly temp: readonly string[];
  /** Below the folder of sockets. */
  readonly sockets: number;
  readonly mounts: number;
}

export interface Place {
  readonly home: string;
  readonly run_folder: string;
  /** What was there before, or is the soak's own. */
  readonly known_temp: ReadonlySet<string>;
  readonly playing: ReadonlySet<string>;
  /** Whether no other program of this machine is in sight. */
  readonly is_alone: boolean;
}

export function look(status: GroupStatus | null, place: Place): Seen {
  const lines = everyProcess();
  const members = [
    ...(status ? [['supervisor', status.pid] as const] : []),
    ...(status?.roles ?? []).flatMap(({ role, pid }) => (pid ? [[role, pid] as const] : [])),
  ];
  const below = descendants(lines, status?.pid ?? 0);
  const alive = lines.filter(({ state }) => state !== 'Z');
  const sessions = new Map(alive.map(({ pid }) => [pid, sessionOf(pid)]));
  const inside = alive.filter(({ pid }) => sessions.get(pid));
  const orphans = alive.filter(
    ({ pid, ppid }) => ppid === 1 && pid !== status?.pid && pid !== process.pid && place.is_alone,
  );
  const strays = new Set([
    ...inside.filter(({ pid }) => !place.playing.has(sessions.get(pid) ?? '')),
    ...orphans.filter(({ pid }) => !below.has(pid)),
  ]);
  return {
    roles: Object.fromEntries(members.flatMap(([role, pid]) => roleSeen(role, pid))),
    group: alive.filter(({ pid }) => below.has(pid) && !sessions.get(pid)).length,
    sandboxed: inside.length,
    strays: [...strays].map(({ pid, command }) => `${pid} ${command.slice(0, 120)}`),
    zombies: lines.filter(
      ({ pid, ppid, state }) => state === 'Z' && (place.is_alone || below.has(pid) || below.has(ppid)),
    ).length,
    temp: readdirSync(tmpdir()).filter((name) => !place.known_temp.has(name)),
    sockets: entriesBelow(place.run_folder),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter(Boolean).length,
  };
}

/** The session in whose sandbox this process is, by its mounts; null: none. */
export function sessionOf(pid: number): string | null {
  try {
    return /\/sessions\/(ses_\w+)\//.exec(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'))?.[1] ?? null;
  } catch {
    return null; // it ended while we looked
  }
}

/** Kilobytes of the data folder, by its parts. */
export function sizesOf(home: string): Readonly<Record<string, number>> {
  const kb = (path: string): number =>
    existsSync(path) ? Number(execFileSync('du', ['-sk', path], { encoding: 'utf8' }).split('\t')[0]) : 0;
  const store = readdirSync(home).filter((name) => name.startsWith('store.db'));
  return {
    store_kb: store.reduce((sum, name) => sum + kb(join(home, name)), 0),
    engine_kb: kb(join(home, 'engine')),
    blobs_kb: kb(join(home, 'blobs')),
    sessions_kb: kb(join(home, 'sessions')),
    projects_kb: kb(join(home, 'projects')),
    logs_kb: kb(join(home, 'logs')),
    blob_files: filesBelow(join(home, 'blobs')).length,
  };
}

export const filesBelow = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
    : [];

const entriesBelow = (folder: string): number =>
  existsSync(folder) ? readdirSync(folder, { recursive: true }).length : 0;

function descendants(lines: readonly ProcessLine[], root: number): ReadonlySet<number> {
  const found = new Set([root]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const { pid, ppid } of lines) if (found.has(ppid)) found.add(pid);
  }
  return found;
}

function roleSeen(role: string, pid: number): readonly (readonly [string, RoleSeen])[] {
  try {
    const number = (file: string, field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1] ?? 0);
    return [
      [
        role,
        {
          pid,
          rss_mb: round(number('status', 'VmRSS') / 1024),
          pss_mb: round(number('smaps_rollup', 'Pss') / 1024),
          fds: readdirSync(`/proc/${pid}/fd`).length,
          threads: number('status', 'Threads'),
        },
      ],
    ];
  } catch {
    return []; // it died while we looked
  }
}

const round = (value: number): number => Number(value.toFixed(1));
