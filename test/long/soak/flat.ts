/** Whether figures stay flat: a straight line through the second half of each life of a role. Pure. */

export interface Point {
  readonly t_s: number;
  readonly value: number;
}
export interface Life {
  readonly role: string;
  readonly pid: number;
  readonly points: readonly Point[];
}

export interface Slope {
  readonly what: string;
  readonly role: string;
  readonly from_s: number;
  readonly to_s: number;
  readonly first: number;
  readonly last: number;
  /** Of the line, by the hour. */
  readonly per_hour: number;
  /** What may be: the greatest rise by the hour. */
  readonly limit: number;
  readonly is_flat: boolean;
}

/** Shorter lives say nothing about a slope. */
export const LIFE_FROM_S = 600;

/** A process that ends begins anew: each pid is a life. */
export function livesOf(role: string, points: readonly (Point & { readonly pid: number })[]): readonly Life[] {
  return [...Map.groupBy(points, ({ pid }) => pid)].map(([pid, own]) => ({ role, pid, points: own }));
}

/** What was held at least, of each two minutes: what is in flight comes and goes, what leaks stays. */
export function atLeast({ points, ...life }: Life): Life {
  const windows = Map.groupBy(points, ({ t_s }) => Math.floor(t_s / WINDOW_S));
  return {
    ...life,
    points: [...windows.values()].map((some) => some.reduce((least, one) => (one.value < least.value ? one : least))),
  };
}
const WINDOW_S = 120;

export function slopeOf(life: Life, { what, limit }: { readonly what: string; readonly limit: number }): Slope | null {
  const [first, last] = [life.points[0], life.points.at(-1)];
  if (!first || !last || last.t_s - first.t_s < LIFE_FROM_S) return null;
  const middle = (first.t_s + last.t_s) / 2;
  const half = life.points.filter(({ t_s }) => t_s >= middle);
  const { slope, at } = lineThrough(half);
  const per_hour = slope * 3600;
  return {
    what,
    role: life.role,
    from_s: Math.round(middle),
    to_s: Math.round(last.t_s),
    first: round(at(middle)),
    last: round(at(last.t_s)),
    per_hour: round(per_hour),
    limit,
    is_flat: per_hour <= limit,
  };
}

/** Least squares. */
export function lineThrough(points: readonly Point[]): {
  readonly slope: number;
  readonly at: (t_s: number) => number;
} {
  const n = points.length || 1;
  const mean_t = points.reduce((sum, { t_s }) => sum + t_s, 0) / n;
  const mean = points.reduce((sum, { value }) => sum + value, 0) / n;
  const spread = points.reduce((sum, { t_s }) => sum + (t_s - mean_t) ** 2, 0);
  const slope =
    spread === 0 ? 0 : points.reduce((sum, { t_s, value }) => sum + (t_s - mean_t) * (value - mean), 0) / spread;
  return { slope, at: (t_s) => mean + slope * (t_s - mean_t) };
}

const round = (value: number): number => Number(value.toFixed(1));
