/** The difference of two texts, line by line. */

export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

const CONTEXT = 2;
/** Larger texts are told as all of the old and all of the new: the table of the comparison would be too big. */
const CELLS_MAX = 250_000;

export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [old, now] = [split(before), split(after)];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const same = (lines: readonly string[]): DiffLine[] => lines.map((text) => ({ sign: ' ', text }));
  return [
    ...same(old.slice(Math.max(0, head - CONTEXT), head)),
    ...middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...same(old.slice(old.length - tail, old.length - tail + CONTEXT)),
  ];
}

const split = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** The longest common lines stay; the others go or come. */
function middle(old: readonly string[], now: readonly string[]): DiffLine[] {
  if (old.length * now.length > CELLS_MAX) return [...gone(old), ...come(now)];
  const lengths = commonLengths(old, now);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < now.length) {
    if (old[i] === now[j]) {
      lines.push({ sign: ' ', text: old[i] ?? '' });
      i++;
      j++;
    } else if ((lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0)) lines.push(...gone([old[i++] ?? '']));
    else lines.push(...come([now[j++] ?? '']));
  }
  return [...lines, ...gone(old.slice(i)), ...come(now.slice(j))];
}

/** `[i][j]`: how many lines the ends from i and from j have in common, in order. */
function commonLengths(old: readonly string[], now: readonly string[]): readonly (readonly number[])[] {
  const table = Array.from({ length: old.length + 1 }, () => Array.from({ length: now.length + 1 }, () => 0));
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      table[i]![j] =
        old[i] === now[j] ? (table[i + 1]?.[j + 1] ?? 0) + 1 : Math.max(table[i + 1]?.[j] ?? 0, table[i]?.[j + 1] ?? 0);
  return table;
}

const gone = (lines: readonly string[]): DiffLine[] => lines.map((text) => ({ sign: '-', text }));
const come = (lines: readonly string[]): DiffLine[] => lines.map((text) => ({ sign: '+', text }));
