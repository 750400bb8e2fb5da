/** `npm run escape [-- words]`: the table of the escape suite, printed as it is played; `-- --write` keeps it in docs/results. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { playAsBoth, timesOf } from './as-both.ts';
import { ESCAPED, FAILED } from './rows.ts';

const RESULTS = fileURLToPath(new URL('../../docs/results/escape.json', import.meta.url));
const given = process.argv.slice(2);
const wanted = given.filter((word) => word !== '--write');

const both = await playAsBoth(
  (who, { id }) => process.stderr.write(process.stderr.isTTY ? `\r${who} ${id}   ` : ''),
  wanted,
);
const columns = ['id', 'attempt', 'expected', 'control', 'root', 'user'] as const;
const widths = columns.map((name) => Math.max(name.length, ...both.rows.map((row) => row[name].length)));
const line = (cells: readonly string[]) =>
  cells
    .map((cell, n) => cell.padEnd(widths[n] ?? 0))
    .join('  ')
    .trimEnd();
console.log([line(columns), ...both.rows.map((row) => line(columns.map((name) => row[name])))].join('\n'));
const bad = both.rows.filter(({ control, root, user }) => control === FAILED || [root, user].includes(ESCAPED));
console.log(`\n${timesOf(both)}; ${bad.length} to look at`);
if (given.includes('--write')) {
  const when = new Date().toISOString().slice(0, 10);
  writeFileSync(RESULTS, `${JSON.stringify({ when, seconds: both.seconds, rows: both.rows }, null, 1)}\n`);
}
process.exitCode = bad.length > 0 ? 1 : 0;
