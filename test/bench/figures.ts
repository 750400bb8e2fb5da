/** What a list of measurements comes to. */
export const at = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** One line of the table in docs/benchmarks.md; its raw rows are kept beside it. */
export interface Figure {
  readonly what: string;
  readonly result: string;
  readonly goal: string;
}
export interface Measured {
  readonly name: string;
  readonly figures: readonly Figure[];
  /** As they were taken. */
  readonly rows: readonly Readonly<Record<string, string | number>>[];
}

/** Below 1 a benchmark is tried with less of everything; its figures are shown then, and not kept. */
export const SHARE = Number(process.env['TACK_BENCH_SHARE'] ?? 1);
export const sized = (count: number): number => Math.max(2, Math.round(count * SHARE));
