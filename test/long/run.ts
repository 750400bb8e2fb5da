/**
 * `npm run test:long [-- kill wait …]`: the stories of test/e2e that have rounds, all of their rounds, one file after the other.
 * `npm run test:long -- soak [--minutes 60]`: an hour of sessions and kills, alone.
 * Keeps the raw rows in docs/results/long-*.json and writes the tables of docs/reliability.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'oxfmt';
import { withTestTools } from '../../scripts/test-tools.ts';
import { tableOf, withOthers, type Row } from './tables.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const RESULTS = join(ROOT, 'docs/results');
const PAGE = join(ROOT, 'docs/reliability.md');
/** Shown on pages of their own: `npm run docs` writes them. */
const OTHER_PAGES: readonly string[] = ['long-approvals.json', 'long-bad-input.json'];
const MARK = '<!-- made by test:long -->';

const [first, ...words] = process.argv.slice(2);
process.exitCode = first === 'soak' ? run([join(ROOT, 'test/long/soak/main.ts'), ...words]) : await stories();

async function stories(): Promise<number> {
  const kept = mkdtempSync(join(tmpdir(), 'tack-long-'));
  try {
    const rows = join(kept, 'rows.ndjson');
    writeFileSync(rows, '');
    const code = play(filesFor(process.argv.slice(2)), {
      ...(await withTestTools()),
      TACK_LONG: '1',
      TACK_RESULTS: rows,
    });
    if (code === 0) {
      const recorded = readFileSync(rows, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Row);
      keep(recorded);
      if (recorded.some((row) => !OTHER_PAGES.includes(fileOf(String(row['table']))))) await writePage();
    }
    return code;
  } finally {
    rmSync(kept, { recursive: true, force: true });
  }
}

/** Those that are asked for by a part of their name; else every one that counts rounds. */
function filesFor(asked: readonly string[]): readonly string[] {
  const stories = readdirSync(join(ROOT, 'test/e2e')).filter((name) => name.endsWith('.test.ts'));
  const hasRounds = (name: string) => readFileSync(join(ROOT, 'test/e2e', name), 'utf8').includes('support/rounds.ts');
  const found = stories.filter((name) =>
    asked.length > 0 ? asked.some((part) => name.includes(part)) : hasRounds(name),
  );
  if (found.length === 0)
    throw new Error(`No story has ${asked.join(' or ')} in its name; there are ${stories.join(', ')}.`);
  return found.map((name) => `test/e2e/${name}`);
}

/** One file at a time: what is measured shares the machine with nothing of ours. */
function play(files: readonly string[], env: NodeJS.ProcessEnv): number {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  return run([vitest, 'run', '--project', 'e2e', '--no-file-parallelism', ...files], env);
}

function run(words: readonly string[], env: NodeJS.ProcessEnv = process.env): number {
  return spawnSync(process.execPath, words, { cwd: ROOT, stdio: 'inherit', env }).status ?? 1;
}

/** A table that was recorded now replaces the one before; the others stay. Where rows name their file, those of files that were not played stay too. */
function keep(rows: readonly Row[]): void {
  mkdirSync(RESULTS, { recursive: true });
  const when = new Date().toISOString();
  const load = loadavg()[2]?.toFixed(1); // of the last 15 minutes: it tells a busy machine from a slow program
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, load ${load}`;
  for (const [name, same] of Map.groupBy(rows, ({ table }) => String(table))) {
    const now = same.map(({ table: _table, ...row }) => row);
    const file = join(RESULTS, fileOf(name));
    const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept).rows : [];
    const own = withOthers(before, now);
    writeFileSync(file, `${JSON.stringify({ table: name, when, machine, rows: own }, null, 1)}\n`);
  }
}

function fileOf(name: string): string {
  return `long-${name.replaceAll(' ', '-')}.json`;
}

async function writePage(): Promise<void> {
  const tables = readdirSync(RESULTS)
    .filter((file) => file.startsWith('long-') && !OTHER_PAGES.includes(file))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(RESULTS, file), 'utf8')) as Kept)
    .map(({ table, when, machine, rows }) => `### ${table}\n\n${when.slice(0, 10)}, ${machine}.\n\n${tableOf(rows)}\n`);
  const words = readFileSync(PAGE, 'utf8').split(MARK)[0] ?? '';
  const settings = JSON.parse(readFileSync(join(ROOT, '.oxfmtrc.json'), 'utf8')) as Record<string, never>;
  const { code } = await format(PAGE, `${words}${MARK}\n\n${tables.join('\n')}`, settings);
  writeFileSync(PAGE, code);
}

interface Kept {
  readonly table: string;
  readonly when: string;
  readonly machine: string;
  readonly rows: readonly Row[];
}
