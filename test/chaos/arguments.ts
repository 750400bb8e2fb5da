/** The words of `npm run chaos`. */
import { parseArgs } from 'node:util';
import { cellsFor, type Cell } from './cells.ts';
import { GUARDS, type Guard } from './breaks/guards.ts';
import { HARNESSES, type HarnessName } from './story.ts';

export const HELP = `Kills Tackroom's own processes at seeded times around observed moments, and judges what came of it from outside.

  ./tack npm run chaos -- [--harness claude-code] [--cells all] [--rounds 3] [--seed 1] [--shard 1/1] [--again] [--results FILE]
  ./tack npm run chaos -- --break GUARD [--results FILE]

  --harness NAME   claude-code: the real one, against a scripted model server; scripted: a harness without a model
  --cells NAMES    all, or with commas: worker/tool-running, a victim (worker), a moment (idle)
  --rounds N       rounds of each cell; those that the results have already are not played again
  --seed N         the same seed kills at the same times
  --shard I/N      the I-th of N parts
  --again          forgets the rounds of these cells first
  --break GUARD    takes one guard out of the worker and plays what it is for: ${GUARDS.join(', ')}.
                   Fails when no oracle notices, or when one complains with the guard in its place
  --results FILE   where the rows are kept; then docs/reliability.md stays as it is

The rows are kept in docs/results/chaos.json, their table in docs/reliability.md.
Exit code: 0, nothing was violated; 1, something was, or a round could not be played; 2, words that are not understood.
`;

export interface Wanted {
  readonly harness: HarnessName;
  readonly cells: readonly Cell[];
  readonly rounds: number;
  readonly seed: number;
  readonly shard: readonly [number, number];
  readonly again: boolean;
  readonly guard: Guard | null;
  readonly results: string | null;
}

/** Null: help was asked for. Throws a RangeError or a TypeError that says what to write. */
export function wantedOf(argv: readonly string[]): Wanted | null {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      harness: { type: 'string', default: 'claude-code' },
      cells: { type: 'string', default: 'all' },
      rounds: { type: 'string', default: '3' },
      seed: { type: 'string', default: '1' },
      shard: { type: 'string', default: '1/1' },
      break: { type: 'string' },
      results: { type: 'string' },
      again: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  return {
    harness: oneOf('--harness', HARNESSES, values.harness),
    cells: cellsFor(values.cells),
    rounds: whole('--rounds', values.rounds),
    seed: whole('--seed', values.seed),
    shard: shardOf(values.shard),
    again: values.again,
    guard: values.break === undefined ? null : oneOf('--break', GUARDS, values.break),
    results: values.results ?? null,
  };
}

function oneOf<T extends string>(option: string, known: readonly T[], said: string): T {
  const found = known.find((one) => one === said);
  if (found) return found;
  throw new RangeError(`${option} is one of ${known.join(', ')}; it was ${JSON.stringify(said)}.`);
}

function whole(option: string, said: string): number {
  if (/^[1-9]\d{0,8}$/.test(said)) return Number(said);
  throw new RangeError(`${option} is a whole number from 1 on; it was ${JSON.stringify(said)}.`);
}

function shardOf(said: string): readonly [number, number] {
  const [, own, all] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(said) ?? [];
  if (own && all && Number(own) <= Number(all)) return [Number(own), Number(all)];
  throw new RangeError(`--shard is I/N with I from 1 to N; it was ${JSON.stringify(said)}.`);
}
