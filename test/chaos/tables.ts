/** What the kept rows come to. Pure. */
import { table } from '../../scripts/docs/markdown.ts';
import { at } from '../bench/figures.ts';
import { MOMENTS, VICTIMS } from './cells.ts';
import type { CellRow, GuardRow, Kept } from './rows.ts';
import type { Violation } from './violation.ts';

export function tablesOf({ cells, guards }: Kept): string {
  const parts = [...Map.groupBy(cells, ({ harness }) => harness)].map(([harness, rows]) => partOf(harness, rows));
  return [...parts, ...(guards.length > 0 ? [guardsOf(guards)] : [])].join('\n\n');
}

function partOf(harness: string, rows: readonly CellRow[]): string {
  const worker = rows.filter(({ victim, killed }) => victim === 'worker' && killed === 'yes');
  return [
    `**${harness}**: ${rows.length} rounds, ${violated(rows).length} with a violation. ${about(rows)}`,
    `A session whose worker was killed goes on after ${figures(worker)} ms (p50, p95 of ${worker.length} rounds).`,
    table(
      [
        'killed',
        'moment',
        'rounds',
        'violations',
        'seen by',
        'goes on: p50, p95 (ms)',
        'all done: p50, p95 (ms)',
        'load',
      ],
      VICTIMS.flatMap((victim) => MOMENTS.map((moment) => ({ victim, moment }))).map(({ victim, moment }) => {
        const own = rows.filter((row) => row.victim === victim && row.moment === moment);
        return [
          victim,
          moment,
          counted(own),
          `${violated(own).length}`,
          seenBy(own),
          figures(own),
          done(own),
          load(own),
        ];
      }),
    ),
  ].join('\n\n');
}

/** The sandbox of a session at rest has no process: said, and judged all the same. */
function counted(rows: readonly CellRow[]): string {
  const idle = rows.filter(({ killed }) => killed === 'nothing to kill').length;
  return `${rows.length}${idle > 0 ? `, ${idle === rows.length ? '' : `in ${idle} `}nothing to kill` : ''}`;
}

const violated = (rows: readonly CellRow[]) => rows.filter(({ violations }) => violations.length > 0);
const seenBy = (rows: readonly CellRow[]) => oraclesOf(rows.flatMap(({ violations }) => violations));
const figures = (rows: readonly CellRow[]) => pair(rows.flatMap(({ went_on_ms }) => went_on_ms ?? []));
const done = (rows: readonly CellRow[]) => pair(rows.flatMap(({ done_ms }) => done_ms ?? []));
const load = (rows: readonly CellRow[]) => range(rows.map((row) => row.load));

const pair = (values: readonly number[]): string =>
  values.length === 0 ? '–' : `${at(values, 0.5)}, ${at(values, 0.95)}`;

function range(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const [least, most] = [Math.min(...values), Math.max(...values)].map(Math.round);
  return least === most ? `${least}` : `${least} to ${most}`;
}

const oraclesOf = (violations: readonly Violation[]): string =>
  [...new Set(violations.map(({ oracle }) => oracle))].join(', ') || '–';

function about(rows: readonly CellRow[]): string {
  const days = [...new Set(rows.map(({ when }) => when.slice(0, 10)))].toSorted();
  const named = (list: readonly (string | number)[]) => [...new Set(list)].join(', ');
  return `${days.join(' to ')}; seed ${named(rows.map(({ seed }) => seed))}; commit ${named(rows.map(({ commit }) => commit))}; ${named(rows.map(({ machine }) => machine))}, load ${load(rows)}.`;
}

function guardsOf(rows: readonly GuardRow[]): string {
  return table(
    ['guard taken out', 'violations with it', 'violations without it', 'seen by', 'first of them', 'commit'],
    rows.map(({ guard, with_it, without_it, commit }) => [
      guard,
      `${with_it.length}`,
      `${without_it.length}`,
      oraclesOf(without_it),
      without_it[0]?.what.replaceAll(/\b(apr|call|trn)_\w+/g, '$1_…') ?? '–',
      commit,
    ]),
  );
}
