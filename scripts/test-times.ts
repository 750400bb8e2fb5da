/** Where the time of the tests went: a line for the projects, and one for the slowest files. */
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

export interface Timed {
  readonly what: string;
  readonly seconds: number;
  /** What vitest wrote about it. */
  readonly report: string;
}

interface Report {
  readonly testResults: readonly { readonly name: string; readonly startTime: number; readonly endTime: number }[];
}

const SHOWN = 8;

export function timesOf(runs: readonly Timed[], root: string): readonly string[] {
  const files = runs
    .filter(({ report }) => existsSync(report))
    .flatMap(({ report }) => (JSON.parse(readFileSync(report, 'utf8')) as Report).testResults)
    .map(({ name, startTime, endTime }) => ({ what: relative(root, name), seconds: (endTime - startTime) / 1000 }))
    .toSorted((one, other) => other.seconds - one.seconds);
  const line = (all: readonly Pick<Timed, 'what' | 'seconds'>[]) =>
    all.map(({ what, seconds }) => `${what} ${Math.round(seconds)} s`).join(' · ');
  return [`took: ${line(runs)}`, `slowest: ${line(files.slice(0, SHOWN))}`];
}
