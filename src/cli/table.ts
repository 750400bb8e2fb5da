/** A table that fits the terminal: the columns that matter least go first, then the widest text is cut. Pure. */
import { shortened } from './render/printable.ts';
import { stripVTControlCharacters as bare } from 'node:util';

export interface Column<T> {
  readonly title: string;
  /** One line of text, without colours. */
  readonly cell: (row: T) => string;
  readonly color?: (row: T) => (text: string) => string;
  /** Where there is no room the column with the lowest number goes first; without one it always stays. */
  readonly rank?: number;
  /** It may be cut to this width. */
  readonly narrowest?: number;
}

const GAP = 2;

/** Lines of the table; `width` null (no terminal): nothing is left out or cut. */
export function renderTable<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  { width, dim }: { readonly width: number | null; readonly dim: (text: string) => string },
): readonly string[] {
  const sized = columns.map((column) => ({
    column,
    width: Math.max(column.title.length, ...rows.map((row) => lengthOf(column.cell(row)))),
  }));
  const fitting = width === null ? sized : fit(sized, width);
  const line = (cells: readonly string[]) => cells.join(' '.repeat(GAP)).trimEnd();
  return [
    dim(line(fitting.map(({ column, width: own }) => padded(column.title, own)))),
    ...rows.map((row) =>
      line(
        fitting.map(({ column, width: own }) => {
          const paint = column.color?.(row) ?? ((text: string) => text);
          const text = shortened(column.cell(row), own);
          return paint(text) + ' '.repeat(Math.max(0, own - lengthOf(text)));
        }),
      ),
    ),
  ];
}

interface Sized<T> {
  readonly column: Column<T>;
  readonly width: number;
}

function fit<T>(sized: readonly Sized<T>[], width: number): readonly Sized<T>[] {
  const least = sized.map(({ column, width: own }) => Math.min(own, column.narrowest ?? own));
  if (sum(least) > width) {
    const going = sized
      .filter(({ column }) => column.rank !== undefined)
      .toSorted((a, b) => (a.column.rank ?? 0) - (b.column.rank ?? 0))[0];
    if (going)
      return fit(
        sized.filter((one) => one !== going),
        width,
      );
  }
  let over = sum(sized.map(({ width: own }) => own)) - width;
  return sized.map(({ column, width: own }) => {
    const given = Math.min(Math.max(0, over), own - Math.min(own, column.narrowest ?? own));
    over -= given;
    return { column, width: own - given };
  });
}

const sum = (widths: readonly number[]): number => widths.reduce((all, one) => all + one + GAP, -GAP);
const LETTERS = new Intl.Segmenter();
const lengthOf = (text: string): number => Array.from(LETTERS.segment(bare(text))).length;
const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - lengthOf(text)));
