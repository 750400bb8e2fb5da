/** How much of an id a list must show: its beginning is enough to name it. Pure. */

/** With less, one more session would make a shown beginning ambiguous: these characters are time, to a quarter of a second. */
const SHOWN_MIN = 'ses_'.length + 8;

/** How long the beginnings must be to tell these ids apart. */
export function lengthToTell(ids: readonly string[]): number {
  const sorted = ids.toSorted();
  const shared = sorted.map((id, n) => common(id, sorted[n + 1] ?? ''));
  return Math.max(SHOWN_MIN, ...shared.map((length) => length + 1));
}

function common(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
