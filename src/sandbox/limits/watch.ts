/** The watchdog: looks at every sandbox of this worker, ends what is over a limit, and says so. */
import type { LimitHit, SessionFolders } from '../contract.ts';
import { lookUp } from '../isolation/processes.ts';
import { bytesOf } from './disk.ts';
import { childrenNow, usageOf, type Children, type Member } from './usage.ts';
import { judgeDisk, judgeMemory, slackOf, type Ending } from './over-limit.ts';

/** Between two looks at memory (ms). One look reads the table of processes once, for all sandboxes. */
const LOOK_MS = 250;
/** Between two looks at the disk of one sandbox (ms), and at least `SHARE` times what the last one took. */
const DISK_MS = 1_000;
/** Looking takes one part in so many of the time: with many sandboxes it is done less often. */
const SHARE = 10;
/** How long a look at a disk keeps the others waiting, and what lies between two (ms): starting one costs the worker some 3 ms. */
const TURN_MS = 500;
const PAUSE_MS = 30;
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
let isMeasuring = false;

/** Watches until it is told to stop. */
export function watch(watched: Watched): () => void {
  const one = new Watch(watched);
  watching.add(one);
  timer ??= setTimeout(lookAtAll, LOOK_MS).unref();
  return () => {
    watching.delete(one);
    if (watching.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  };
}

function lookAtAll(): void {
  const began = performance.now();
  const children = childrenNow();
  for (const one of watching) one.look(children);
  void measureNext();
  const pause_ms = Math.max(LOOK_MS, (performance.now() - began) * SHARE);
  timer = watching.size > 0 ? setTimeout(lookAtAll, pause_ms).unref() : undefined;
}

/**
 * One `du` after the other, for whoever waits longest: fifty at the same moment stop a worker for a second. One that takes
 * long keeps nobody waiting: a session that makes many files would blind us for the others.
 */
async function measureNext(): Promise<void> {
  const now = performance.now();
  const [next] = [...watching].filter((one) => one.disk_due <= now).toSorted((a, b) => a.disk_due - b.disk_due);
  if (!next || isMeasuring) return;
  isMeasuring = true;
  await Promise.race([next.measure(), after(TURN_MS)]);
  await after(PAUSE_MS);
  isMeasuring = false;
  void measureNext();
}

/** Keeps no process alive. */
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());

class Watch {
  private readonly watched: Watched;
  private readonly said = new Map<LimitHit['limit'], number>();
  /** When its disk is to be looked at, by `performance.now()`. */
  disk_due: number;
  private hits = 0;
  private oom_kills = 0;
  private ceiling: number;
  private isSettling = false;

  constructor(watched: Watched) {
    this.watched = watched;
    this.ceiling = watched.disk?.limit ?? 0;
    this.disk_due = watched.disk ? 0 : Number.POSITIVE_INFINITY;
  }

  look(children: Children): void {
    const pid = this.watched.pid();
    if (pid === undefined) return;
    const { members, memory_bytes } = usageOf(pid, children);
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
  }

  /** Never rejects. */
  async measure(): Promise<void> {
    if (!this.watched.disk) return;
    const { folders, before, limit } = this.watched.disk;
    const began = performance.now();
    this.disk_due = Number.POSITIVE_INFINITY;
    const bytes = (await bytesOf(folders).catch(() => before)) - before; // without `du` the limit of one file is all there is
    const now = performance.now();
    this.disk_due = now + Math.max(DISK_MS, (now - began) * SHARE);
    const pid = this.watched.pid();
    if (pid === undefined) return;
    if (this.isSettling) this.ceiling = Math.max(limit, bytes) + slackOf(limit); // what was written until the writer ended
    else if (bytes <= limit) this.ceiling = limit;
    this.isSettling = false;
    if (bytes <= this.ceiling) return;
    const { members } = usageOf(pid, childrenNow());
    const ending = judgeDisk({ members, bytes, hits: this.hits }, this.ceiling);
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
