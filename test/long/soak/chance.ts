/** Chance that can be repeated: the same seed brings the same numbers. Source: mulberry32. */
export interface Chance {
  /** From 0 to below 1. */
  number(): number;
  /** Whole, both ends included. */
  between(from: number, to: number): number;
  /** One of them, each as often as its weight says. */
  pick<T extends string>(weights: Readonly<Record<T, number>>): T;
}

export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const number = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    number,
    between: (from, to) => from + Math.floor(number() * (to - from + 1)),
    pick<T extends string>(weights: Readonly<Record<T, number>>): T {
      const entries = Object.entries(weights) as [T, number][];
      let left = number() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) if ((left -= weight) < 0) return name;
      throw new RangeError('Nothing to pick from.');
    },
  };
}
