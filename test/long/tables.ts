/** What the recorded rows of a table come to. Pure. */
import { table, type Cells } from '../../scripts/docs/markdown.ts';
import { at } from '../bench/figures.ts';

export type Row = Readonly<Record<string, string | number>>;

/** Rows that share their words are one line: how many there were, median and p95 of what was measured, the sum of what was counted. */
export function tableOf(rows: readonly Row[]): string {
  const words = columns(rows, (value) => typeof value === 'string');
  const figures = columns(rows, (value) => typeof value === 'number').filter((name) => name !== 'round');
  const lines = Map.groupBy(rows, (row) => JSON.stringify(words.map((name) => row[name] ?? '')));
  return table(
    [...words, 'rounds', ...figures.map(headOf)].map((name) => name.replaceAll('_', ' ')),
    [...lines.values()].map((same) => [
      ...wordsOf(same[0] ?? {}, words),
      `${same.length}`,
      ...figuresOf(same, figures),
    ]),
  );
}

const columns = (rows: readonly Row[], holds: (value: string | number) => boolean): readonly string[] => [
  ...new Set(rows.flatMap((row) => Object.keys(row).filter((name) => holds(row[name] ?? '')))),
];

const headOf = (name: string): string => (isTime(name) ? `${name.replace(/_ms$/, '')}: median, p95 (ms)` : name);
const isTime = (name: string): boolean => name.endsWith('_ms');

const wordsOf = (row: Row, words: readonly string[]): Cells => words.map((name) => `${row[name] ?? ''}`);

const figuresOf = (rows: readonly Row[], figures: readonly string[]): Cells =>
  figures.map((name) => {
    const values = rows.flatMap((row) => (typeof row[name] === 'number' ? [row[name]] : []));
    if (values.length === 0) return '';
    if (!isTime(name)) return `${values.reduce((sum, value) => sum + value, 0)}`;
    return `${at(values, 0.5)}, ${at(values, 0.95)}`;
  });

/** The rows of now, and of before those whose file was not played now. Pure. */
export function withOthers(before: readonly Row[], now: readonly Row[]): readonly Row[] {
  const played = new Set(now.map((row) => row['file']));
  if (played.has(undefined)) return now;
  return [...before.filter((row) => !played.has(row['file'])), ...now].toSorted((a, b) =>
    String(a['file']).localeCompare(String(b['file'])),
  );
}
