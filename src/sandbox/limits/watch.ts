/** The watchdog: looks at every sandbox of this worker, ends what is over a limit, and says so. */
import type { LimitHit, SessionFolders } from '../contract.ts';
import { allProcesses, lookUp } from '../isolation/processes.ts';
import { bytesOf } from './disk.ts';
import { usageOf, type Member } from './usage.ts';
import { judgeDisk, judgeMemory, slackOf, type Ending } from './over-limit.ts';

/** Between two looks at memory (ms). One look reads the table of processes once, for all sandboxes. */
const LOOK_MS = 250;
/** Between two looks at the disk (ms), and at least this many times what the last one took. */
const DISK_MS = 1_000;
const DISK_SHARE = 10;
/** A limit that is met again and again is said this often (ms). */
const SAY_MS = 10_000;

export interface Watched {
  /** Of the launched process; undefined once it has ended. */
  readonly pid: () => number | undefined;
  readonly memory_bytes: number;
  /** Not for commands of ours, whose home is not the session's. */
  readonly disk?: { readonly folders: SessionFolders; readonly before: number; readonly limit: number };
  /** Where the kernel holds the memory: how many processes it has ended for it. */
  readonly oomKills?: () => number;
  readonly told: (hit: LimitHit) => void;
  /** Ends the sandbox as a whole. */
  readonly stop: () => Promise<void>;
}

const watching = new Set<Watch>();
let timer: NodeJS.Timeout | undefined;

/** Watches until it is told to stop. */
export function watch(watched: Watched): () => void {
  const one = new Watch(watched);
  watching.add(one);
  timer ??= setInterval(lookAtAll, LOOK_MS).unref();
  return () => {
    watching.delete(one);
    if (watching.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function lookAtAll(): void {
  const all = allProcesses();
  for (const one of watching) one.look(all);
}

class Watch {
  private readonly watched: Watched;
  private readonly said = new Map<LimitHit['limit'], number>();
  private disk_due = 0;
  private hits = 0;
  private oom_kills = 0;
  private ceiling: number;
  private isMeasuring = false;
  private isSettling = false;

  constructor(watched: Watched) {
    this.watched = watched;
    this.ceiling = watched.disk?.limit ?? 0;
  }

  look(all: ReturnType<typeof allProcesses>): void {
    const pid = this.watched.pid();
    if (pid === undefined) return;
    const { members, memory_bytes } = usageOf(pid, all);
    const limit = this.watched.memory_bytes;
    this.apply(
      'memory',
      judgeMemory({ members, memory_bytes }, limit),
      `${mb(memory_bytes)} of memory in use, ${mb(limit)} allowed`,
    );
    const kills = this.watched.oomKills?.() ?? 0;
    if (kills > this.oom_kills)
      this.say('memory', `${mb(limit)} of memory were in use, as many as are allowed: the kernel ended a process.`);
    this.oom_kills = kills;
    if (this.watched.disk && !this.isMeasuring && performance.now() >= this.disk_due)
      void this.measure(this.watched.disk);
  }

  private async measure({ folders, before, limit }: NonNullable<Watched['disk']>): Promise<void> {
    this.isMeasuring = true;
    const began = performance.now();
    const bytes = (await bytesOf(folders).catch(() => before)) - before; // without `du` the limit of one file is all there is
    const now = performance.now();
    this.disk_due = now + Math.max(DISK_MS, (now - began) * DISK_SHARE);
    this.isMeasuring = false;
    const pid = this.watched.pid();
    if (pid === undefined) return;
    if (this.isSettling) this.ceiling = Math.max(limit, bytes) + slackOf(limit); // what was written until the writer ended
    else if (bytes <= limit) this.ceiling = limit;
    this.isSettling = false;
    const { members } = usageOf(pid, allProcesses());
    const ending = judgeDisk({ members, bytes, hits: this.hits }, this.ceiling);
    if (bytes <= this.ceiling) return;
    this.hits += 1;
    this.isSettling = true;
    this.apply('disk', ending, `${mb(bytes)} of new files, ${mb(limit)} allowed`);
  }

  private apply(limit: LimitHit['limit'], { ends, stops }: Ending, why: string): void {
    if (ends.length === 0 && !stops) return;
    for (const { pid } of ends) end(pid);
    if (stops) this.said.delete(limit); // an end is said whatever was said before
    this.say(limit, `${why}: ${stops ? 'everything that the session ran was ended' : `ended ${namesOf(ends)}`}.`);
    if (stops) void this.watched.stop();
  }

  private say(limit: LimitHit['limit'], text: string): void {
    const now = performance.now();
    if (now - (this.said.get(limit) ?? Number.NEGATIVE_INFINITY) > SAY_MS) this.watched.told({ limit, text });
    this.said.set(limit, now);
  }
}

function end(pid: number): void {
  if (!lookUp(pid)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Names are the session's own words. */
function namesOf(ends: readonly Member[]): string {
  const names = [...new Set(ends.map(({ name }) => name.replaceAll(/[^\w.-]/g, '?')))];
  return names.length > 5 ? `${ends.length} processes` : names.join(', ');
}

const mb = (bytes: number): string => `${Math.ceil(bytes / 1_000_000).toLocaleString('en')} MB`;
