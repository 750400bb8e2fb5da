/** The part of a pattern that stands for any number of items, none too. */
export const ANY = Symbol('any');

/**
 * Whether items fit a pattern, one part for one item. Goes back to the last ANY alone, so that no pattern makes it slow:
 * the texts come from a model.
 */
export function fitsAll<P, T>(
  pattern: readonly (P | typeof ANY)[],
  items: ArrayLike<T>,
  fits: (part: P, item: T) => boolean,
): boolean {
  let part = 0;
  let lastAny = -1;
  let from = 0;
  for (let at = 0; at < items.length;) {
    const wanted = pattern[part];
    if (wanted === ANY) {
      lastAny = part++;
      from = at;
    } else if (wanted !== undefined && fits(wanted, items[at] as T)) {
      part++;
      at++;
    } else if (lastAny >= 0) {
      part = lastAny + 1;
      at = ++from;
    } else return false;
  }
  return pattern.slice(part).every((rest) => rest === ANY);
}
