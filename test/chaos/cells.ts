/** What is killed, and when: the cells of the table, and which of them a call plays. Pure. */
import { createHash } from 'node:crypto';

export const VICTIMS = ['worker', 'server', 'engine', 'broker', 'harness', 'supervisor'] as const;
export type Victim = (typeof VICTIMS)[number];

export const MOMENTS = [
  'idle',
  'model streaming',
  'tool running',
  'approval held',
  'approval suspended',
  'queue waiting',
  'roll-over',
] as const;
export type Moment = (typeof MOMENTS)[number];

export interface Cell {
  readonly victim: Victim;
  readonly moment: Moment;
}
export interface Round extends Cell {
  readonly round: number;
  /** From the moment as it was observed; below 0: the moment is near, and not there yet. */
  readonly offset_ms: number;
}

/** `worker/tool-running`; the words of a command line. */
export const nameOf = ({ victim, moment }: Cell): string => `${victim}/${moment.replaceAll(' ', '-')}`;

/** Moment by moment, because the last one needs another engine. */
const ALL: readonly Cell[] = MOMENTS.flatMap((moment) => VICTIMS.map((victim) => ({ victim, moment })));

/** `all`, or names with commas between: a cell, a victim or a moment. Throws with what there is. */
export function cellsFor(words: string): readonly Cell[] {
  if (words === 'all') return ALL;
  const asked = words.split(',').filter(Boolean);
  const isMeant = (cell: Cell, word: string) => [nameOf(cell), ...nameOf(cell).split('/')].includes(word);
  const unknown = asked.find((word) => !ALL.some((cell) => isMeant(cell, word)));
  if (unknown !== undefined || asked.length === 0)
    throw new RangeError(
      `There is no cell ${JSON.stringify(unknown ?? words)}. A cell is VICTIM/MOMENT, or one of both, or all: ${[...VICTIMS, ...new Set(ALL.map((cell) => nameOf(cell).split('/')[1]))].join(', ')}.`,
    );
  return ALL.filter((cell) => asked.some((word) => isMeant(cell, word)));
}

/** How far around the moment a kill may fall (ms). */
export const AROUND_MS = 250;

export interface Wish {
  readonly cells: readonly Cell[];
  readonly rounds: number;
  readonly seed: number;
  /** This one of so many parts, from 1. */
  readonly shard: readonly [number, number];
}

/** The rounds of this call, the first one of every cell first. A round has the same offset whoever plays it, and whenever. */
export function roundsOf({ cells, rounds, seed, shard: [own, all] }: Wish): readonly Round[] {
  return Array.from({ length: rounds }, (_, n) => n + 1)
    .flatMap((round) => cells.map((cell) => ({ ...cell, round })))
    .filter((_, n) => n % all === own - 1)
    .map((round) => ({ ...round, offset_ms: offsetOf(`${seed}/${nameOf(round)}/${round.round}`) }));
}

function offsetOf(words: string): number {
  const chance = createHash('sha256').update(words).digest().readUInt32BE() / 2 ** 32;
  return Math.floor((chance * 2 - 1) * AROUND_MS);
}
