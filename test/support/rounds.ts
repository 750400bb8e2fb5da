/** How often a story with a number of rounds is played: a few times in `./tack test`, all of them in `npm run test:long`. */
import { appendFileSync } from 'node:fs';

export const isLong = process.env['TACK_LONG'] === '1';
export const rounds = (all: number, few = 3): number => (isLong ? all : Math.min(few, all));

/** A measured row for the table of `npm run test:long`: one JSON object a line. */
export function record(table: string, row: Readonly<Record<string, string | number>>): void {
  const file = process.env['TACK_RESULTS'];
  if (file) appendFileSync(file, `${JSON.stringify({ table, ...row })}\n`);
}
