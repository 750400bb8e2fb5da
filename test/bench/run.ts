/** `npm run bench [-- launch gate …]`: measures, keeps the raw rows in docs/results, writes the table of docs/benchmarks.md. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withTestTools } from '../../scripts/test-tools.ts';
import { measureAppend } from './append.ts';
import { measureCli } from './cli.ts';
import { measureGate } from './gate.ts';
import { measureIdle } from './idle.ts';
import { SHARE, type Measured } from './figures.ts';
import { measureLaunch } from './launch.ts';
import { measurePrompts } from './prompts.ts';
import { measureRoom } from './room.ts';
import { measureStreams } from './streams.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RESULTS = process.env['TACK_BENCH_RESULTS'] ?? join(ROOT, 'docs/results'); // an ordinary user may only read the checkout
const WHO = process.getuid?.() === 0 ? 'root' : 'user';
Object.assign(process.env, await withTestTools());
const binary = process.env['TACK_CLAUDE_BIN'] ?? '';

const BENCHES: Readonly<Record<string, () => Promise<readonly Measured[]>>> = {
  launch: async () => [await measureLaunch(binary, 30)],
  gate: async () => [await measureGate()],
  room: () => measureRoom(binary),
  append: async () => [await measureAppend()],
  cli: async () => [await measureCli()],
  streams: async () => [await measureStreams()],
  prompts: async () => [await measurePrompts()],
  idle: async () => [await measureIdle()],
};

mkdirSync(RESULTS, { recursive: true });
const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) {
  const bench = BENCHES[name];
  if (!bench) throw new Error(`There is no benchmark ${name}; there are ${Object.keys(BENCHES).join(', ')}.`);
  console.error(`Measuring ${name} …`);
  const load_before = loadavg()[0] ?? 0;
  for (const measured of await bench()) keep(measured, load_before);
}
if (process.env['TACK_BENCH_RESULTS'] === undefined && SHARE === 1) writeTable();

/** Of others: what the machine did before the measuring began. */
function keep({ name, figures, rows }: Measured, load_before: number): void {
  const when = new Date().toISOString();
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`;
  for (const { what, result, goal } of figures) console.log(`${what}: ${result} (goal: ${goal})`);
  if (SHARE !== 1) return;
  writeFileSync(
    join(RESULTS, `bench-${name}-${WHO}.json`),
    `${JSON.stringify({ when, who: WHO, machine, load_before, figures, rows })}\n`,
  );
}

interface Kept extends Measured {
  readonly when: string;
  readonly who: string;
  readonly load_before?: number;
}

function writeTable(): void {
  const kept = readdirSync(RESULTS)
    .filter((file) => file.startsWith('bench-'))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(RESULTS, file), 'utf8')) as Kept);
  const lines = kept.flatMap(({ figures, when, who, load_before }) =>
    figures.map(({ what, result, goal }) => {
      const load = load_before === undefined ? '' : `, load ${load_before.toFixed(1)}`;
      return `| ${what} | ${result} | ${goal} | as ${who}, ${when.slice(0, 10)}${load} |`;
    }),
  );
  const file = join(ROOT, 'docs/benchmarks.md');
  const before = readFileSync(file, 'utf8').split('<!-- table -->')[0] ?? '';
  writeFileSync(
    file,
    `${before}<!-- table -->\n\n| What | Result | Goal | Measured |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`,
  );
}
