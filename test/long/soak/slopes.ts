/** What the samples of a soak come to: every line that must be flat, and whether it is. Pure. */
import { atLeast, lineThrough, livesOf, slopeOf, type Point, type Slope } from './flat.ts';
import type { RoleSeen, Seen } from './look.ts';

export interface Sample extends Seen {
  readonly t_s: number;
  /** Stories that have ended so far. */
  readonly done: number;
  readonly sizes?: Readonly<Record<string, number>>;
}

export const ROLES_SEEN = ['supervisor', 'engine', 'broker', 'server', 'worker'] as const;

/**
 * Rise by the hour that still counts as flat: some hundred sessions come and go in it, so a leak of 100 KB a session is above it.
 * The engine keeps what it looked up last until its caches are full, whoever asks it.
 */
const MEMORY_MB: Readonly<Record<string, number>> = { engine: 120 };
const MEMORY_MB_ELSE = 40;
const DESCRIPTORS = 12;
/** Of the whole run: what one more of each hundred sessions leaves is above it. */
const COUNTS = { group: 3, sandboxed: 6, zombies: 2, temp: 1, sockets: 6, mounts: 1 } as const;

/** A life begins; what it holds then is compared with other beginnings. */
const YOUTH_S = { from: 30, to: 90 } as const;

export function slopesOf(samples: readonly Sample[]): readonly Slope[] {
  const of = (role: string, pick: (seen: RoleSeen) => number) =>
    samples.flatMap(({ t_s, roles }) => {
      const seen = roles[role];
      return seen ? [{ t_s, pid: seen.pid, value: pick(seen) }] : [];
    });
  const lives = ROLES_SEEN.flatMap((role) => {
    const memory = { what: 'memory (MB)', limit: MEMORY_MB[role] ?? MEMORY_MB_ELSE };
    return [
      ...livesOf(
        role,
        of(role, ({ rss_mb }) => rss_mb),
      ).map((life) => slopeOf(atLeast(life), memory)),
      ...livesOf(
        role,
        of(role, ({ fds }) => fds),
      ).map((life) => slopeOf(atLeast(life), { what: 'descriptors', limit: DESCRIPTORS })),
      beginnings(
        role,
        of(role, ({ rss_mb }) => rss_mb),
      ),
    ];
  });
  const counts = Object.entries(COUNTS).map(([what, limit]) => {
    const value = (sample: Sample): number => {
      const counted = sample[what as keyof typeof COUNTS];
      return typeof counted === 'number' ? counted : counted.length;
    };
    const points = samples.map((sample) => ({ t_s: sample.t_s, value: value(sample) }));
    return slopeOf({ role: 'all', pid: 0, points }, { what, limit });
  });
  return [...lives, ...counts].filter((slope) => slope !== null);
}

/** A role that starts late holds as much as one that started early. */
function beginnings(role: string, points: readonly (Point & { readonly pid: number })[]): Slope | null {
  const starts = livesOf(role, points).flatMap(({ points: own }) => {
    const born = own[0]?.t_s ?? 0;
    const young = own.filter(({ t_s }) => t_s - born >= YOUTH_S.from && t_s - born <= YOUTH_S.to);
    if (young.length === 0) return [];
    return [{ t_s: born, value: young.reduce((sum, { value }) => sum + value, 0) / young.length }];
  });
  const [first, last] = [starts[0], starts.at(-1)];
  if (!first || !last || starts.length < 4) return null;
  const { slope, at } = lineThrough(starts);
  const round = (value: number): number => Number(value.toFixed(1));
  const limit = MEMORY_MB[role] ?? MEMORY_MB_ELSE;
  return {
    what: `memory at ${YOUTH_S.from} to ${YOUTH_S.to} s of age, over ${starts.length} lives (MB)`,
    role,
    from_s: Math.round(first.t_s),
    to_s: Math.round(last.t_s),
    first: round(at(first.t_s)),
    last: round(at(last.t_s)),
    per_hour: round(slope * 3600),
    limit,
    is_flat: slope * 3600 <= limit,
  };
}
