/** `./tack test`: installs what only the tests need, runs every project in order, ends with one line of figures. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporalBinary } from '../src/supervisor/temporal-binary.ts';
import { countOf, verdict, type Counted } from './test-figures.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const CLIS = join(ROOT, 'test', 'harness-clis');
const PROJECTS = ['unit', 'integration', 'e2e'];

process.exitCode = await main(process.argv.slice(2));

/** Words that are given go to vitest: files, `-t title`, `--project unit`. */
async function main(given: readonly string[]): Promise<number> {
  const results = mkdtempSync(join(tmpdir(), 'tack-results-'));
  try {
    mkdirSync(join(ROOT, '.tack'), { recursive: true });
    const env = await environment();
    const runs = given.length > 0 ? [given] : PROJECTS.map((name) => ['--project', name]);
    const counted = runs.map((args, n) => run(args, join(results, `${n}.json`), env));
    const { lines, code } = verdict(counted, { is_ci: process.env['CI'] === 'true', root: ROOT });
    console.log(lines.join('\n'));
    return code;
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
}

function run(args: readonly string[], report: string, env: NodeJS.ProcessEnv): Counted {
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env,
  });
  const counted = countOf(report, status);
  return args.includes('-t') ? { ...counted, skipped: [] } : counted; // what the title did not choose was not skipped
}

async function environment(): Promise<NodeJS.ProcessEnv> {
  const claude = installedClaude();
  const temporal = await temporalBinary({
    override: process.env['TACK_TEMPORAL_BIN'] ?? null,
    path: process.env['PATH'] ?? '',
    tools: join(ROOT, '.tack', 'tools'),
    say: (line) => console.error(line),
  });
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  return { ...process.env, TACK_CLAUDE_BIN: claude, TACK_TEMPORAL_BIN: temporal, PATH: path };
}

/** The pinned binary, whatever the machine has. */
function installedClaude(): string {
  const binary = join(CLIS, 'node_modules/@anthropic-ai/claude-code/bin/claude.exe');
  const lock = join(CLIS, 'package-lock.json');
  const seal = join(CLIS, 'node_modules/.package-lock.json');
  if (existsSync(binary) && existsSync(seal) && statSync(lock).mtimeMs <= statSync(seal).mtimeMs) return binary;
  console.error('Installing the pinned Claude Code for the tests (360 MB, once) …');
  const cache = join(ROOT, '.tack', 'cache');
  const has_cache = existsSync(join(process.env['npm_config_cache'] ?? join(homedir(), '.npm'), '_cacache'));
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], {
    cwd: CLIS,
    stdio: 'inherit',
    env: { ...process.env, ...(!has_cache && { npm_config_cache: cache }) }, // nothing is left outside of the checkout
  });
  rmSync(cache, { recursive: true, force: true });
  if (status !== 0) throw new Error(`npm ci failed in ${CLIS}.`);
  return binary;
}
