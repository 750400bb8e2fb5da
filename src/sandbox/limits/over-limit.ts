/** What to end when a sandbox is over a limit. Pure. */
import { isOwn, type Member } from './usage.ts';

export interface Ending {
  /** Processes to end; the command itself is spared as long as ending others can help. */
  readonly ends: readonly Member[];
  /** Nothing else helps: the whole sandbox. */
  readonly stops: boolean;
}

const NOTHING: Ending = { ends: [], stops: false };

/** Ends the largest first, until the rest is below the limit; where the rest alone is above it, all. */
export function judgeMemory(
  usage: { readonly members: readonly Member[]; readonly memory_bytes: number },
  limit: number,
): Ending {
  if (usage.memory_bytes <= limit) return NOTHING;
  const others = usage.members.filter((one) => !isOwn(one)).toSorted((a, b) => b.memory_bytes - a.memory_bytes);
  const ends: Member[] = [];
  let left = usage.memory_bytes;
  for (const one of others) {
    if (left <= limit) break;
    ends.push(one);
    left -= one.memory_bytes;
  }
  return left <= limit ? { ends, stops: false } : { ends: [], stops: true };
}

/** How much more may be written after a limit was met: an agent may remove files, and a harness keeps its notes. */
export const slackOf = (limit: number): number => Math.min(16_000_000, limit / 10);

/** How often a session may go on writing above its limit before it is stopped as a whole. */
export const CHANCES = 5;

/** Ends whatever runs beside the command when the folders hold more than they may; `ceiling` is the limit, or above it what was there. */
export function judgeDisk(
  { members, bytes, hits }: { readonly members: readonly Member[]; readonly bytes: number; readonly hits: number },
  ceiling: number,
): Ending {
  if (bytes <= ceiling) return NOTHING;
  if (hits >= CHANCES) return { ends: [], stops: true };
  return { ends: members.filter((one) => !isOwn(one)), stops: false };
}
