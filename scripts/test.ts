/** `./tack test`: installs what only the tests need, runs every project in order, ends with one line of figures. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { linesOf, type Tally } from './replay-line.ts';
import { countOf, outcomeOf, type Counted } from './test-figures.ts';
import { timesOf, type Timed } from './test-times.ts';
import { withTestTools } from './test-tools.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const PROJECTS = ['unit', 'integration', 'e2e'];

process.exitCode = await main(process.argv.slice(2));

/** Words that are given go to vitest: files, `-t title`, `--project unit`. */
async function main(given: readonly string[]): Promise<number> {
  const results = mkdtempSync(join(tmpdir(), 'tack-results-'));
  try {
    mkdirSync(join(ROOT, '.tack'), { recursive: true });
    const replaying = replayBeside(join(results, 'histories.sock'));
    const env = { ...(await withTestTools()), TACK_HISTORIES: replaying.socket };
    const runs = given.length > 0 ? [given] : PROJECTS.map((name) => ['--project', name]);
    const played = runs.map((args, n) => run(args, join(results, `${n}.json`), env));
    const { lines, code } = outcomeOf(
      played.map(({ counted }) => counted),
      { is_ci: process.env['CI'] === 'true', root: ROOT },
    );
    const replayed = linesOf(await replaying.end());
    console.log([...timesOf(played, ROOT), ...replayed.lines, ...lines].join('\n'));
    return code || replayed.code;
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

/** What the tests play is replayed meanwhile; `end` resolves with what that came to. */
function replayBeside(socket: string): { readonly socket: string; end(): Promise<Tally | null> } {
  const words = [join(ROOT, 'scripts', 'replay-all.ts'), socket];
  const child = spawn(process.execPath, words, { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  const said = text(child.stdout);
  return {
    socket,
    async end() {
      child.stdin.on('error', () => undefined).end(); // it may be gone: then it has said nothing
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return JSON.parse((await said) || 'null') as Tally | null;
    },
  };
}

function run(args: readonly string[], report: string, env: NodeJS.ProcessEnv): Timed & { readonly counted: Counted } {
  const started = performance.now();
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...env, XDG_DATA_HOME: join(ROOT, '.tack', 'vitest') }, // it leaves a token there, else below HOME
  });
  const counted = countOf(report, status);
  return {
    what: args.at(-1) ?? '',
    report,
    seconds: (performance.now() - started) / 1000,
    counted: args.includes('-t') ? { ...counted, skipped: [] } : counted, // what the title did not choose was not skipped
  };
}
