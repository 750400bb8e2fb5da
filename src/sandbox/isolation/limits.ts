import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { Limits } from '../contract.ts';

/** What a session may use up when nobody says otherwise. Memory and disk as a whole are held by `limits/watch.ts`. */
export const DEFAULT_LIMITS = {
  memory_bytes: Math.floor(totalmem() / 2),
  processes: 1_024,
  disk_bytes: 20_000_000_000,
  open_files: 8_192,
  tmp_bytes: 4_000_000_000,
} as const satisfies Limits;

/**
 * The kernel counts as data what a runtime has reserved and never touched: below this Node ends when it loads WebAssembly (bytes).
 * A smaller limit is held by the watchdog alone. Source: Node 24.21, which takes TypeScript as it is by such a module.
 */
const RESERVED_BYTES = 2_000_000_000;

/**
 * The words of bash's `ulimit` for a launch: set by the first process inside, because the kernel counts processes per user
 * namespace from the moment that it exists; set outside, they would count everything of the person. A limit above the
 * launcher's own hard limit is lowered to it: it cannot be raised.
 */
export function ulimitWords(limits: Limits, hard: HardLimits): string {
  const { memory_bytes, processes, disk_bytes, open_files, cpu_s } = { ...DEFAULT_LIMITS, ...limits };
  return [
    'ulimit -c 0',
    `-u ${Math.min(processes, hard.processes)}`,
    // data, not address space: Node, Bun and Go reserve terabytes that they never touch
    `-d ${kibibytes(Math.max(memory_bytes, RESERVED_BYTES), hard.memory_bytes)}`,
    `-f ${kibibytes(disk_bytes, hard.disk_bytes)}`,
    `-n ${Math.min(open_files, hard.open_files)}`,
    ...(cpu_s === undefined ? [] : [`-t ${cpu_s}`]),
  ].join(' ');
}

const kibibytes = (bytes: number, ceiling: number): number => Math.floor(Math.min(bytes, ceiling) / 1024);

/** The hard limits of this process; Infinity where there is none. */
export interface HardLimits {
  readonly memory_bytes: number;
  readonly processes: number;
  readonly disk_bytes: number;
  readonly open_files: number;
}

/** Reads the hard limits of this process from `/proc`. */
export function ownHardLimits(text = readFileSync('/proc/self/limits', 'utf8')): HardLimits {
  const hard = (name: string): number => {
    const row = text.split('\n').find((line) => line.startsWith(name));
    const word = row?.slice(name.length).trim().split(/\s+/)[1];
    return word === undefined || word === 'unlimited' ? Number.POSITIVE_INFINITY : Number(word);
  };
  return {
    memory_bytes: hard('Max data size'),
    processes: hard('Max processes'),
    disk_bytes: hard('Max file size'),
    open_files: hard('Max open files'),
  };
}
