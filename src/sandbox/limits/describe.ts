/** Which limits are in force on this machine, and by what: for the doctor, and for whoever shows a session. */
import { DEFAULT_LIMITS } from '../isolation/limits.ts';
import type { Limits } from '../contract.ts';
import { findCgroup } from './cgroup.ts';

export interface LimitInForce {
  readonly limit:
    | 'memory'
    | 'processes'
    | 'disk'
    | 'one file'
    | 'open files'
    | 'core file'
    | 'cpu seconds'
    | 'cpu share';
  /** As people read it. */
  readonly value: string;
  readonly by: 'cgroup' | 'rlimit' | 'watchdog' | 'tmpfs' | 'nothing';
  /** What of a session it holds; empty when nothing does. */
  readonly holds: string;
}

/** `asked` is what an agent file says; what it leaves out has its default. */
export function describeLimits(asked: Limits = {}, cgroup = findCgroup()): readonly LimitInForce[] {
  const limits = { ...DEFAULT_LIMITS, ...asked };
  const { cpu_s } = asked;
  return [
    {
      limit: 'memory',
      value: size(limits.memory_bytes),
      by: cgroup ? 'cgroup' : 'watchdog',
      holds: cgroup
        ? 'the session as a whole'
        : 'the session as a whole, looked at four times a second; a process of more than 2 GB by its rlimit at once',
    },
    { limit: 'processes', value: `${limits.processes}`, by: 'rlimit', holds: 'processes and threads of the session' },
    {
      limit: 'disk',
      value: size(limits.disk_bytes),
      by: 'watchdog',
      holds: 'new files of the session as a whole, looked at once a second or less',
    },
    { limit: 'one file', value: size(limits.disk_bytes), by: 'rlimit', holds: 'each file' },
    { limit: 'open files', value: `${limits.open_files}`, by: 'rlimit', holds: 'each process' },
    { limit: 'core file', value: '0', by: 'rlimit', holds: 'each process' },
    {
      limit: 'cpu seconds',
      value: cpu_s === undefined ? 'none' : `${cpu_s}`,
      by: cpu_s === undefined ? 'nothing' : 'rlimit',
      holds: cpu_s === undefined ? '' : 'each process',
    },
    { limit: 'cpu share', value: 'none', by: 'nothing', holds: '' },
  ];
}

const size = (bytes: number): string =>
  bytes >= 1_000_000_000 ? `${(bytes / 1_000_000_000).toFixed(1)} GB` : `${Math.round(bytes / 1_000_000)} MB`;
