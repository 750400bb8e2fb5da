/** `./tack test`: installs what only the tests need, runs every project, ends with one line of figures. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporalBinary } from '../src/supervisor/temporal-binary.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const CLIS = join(ROOT, 'test', 'harness-clis');

const claude = installedClaude();
const temporal = await temporalBinary({
  override: process.env['TACK_TEMPORAL_BIN'] ?? null,
  path: process.env['PATH'] ?? '',
  tools: join(ROOT, '.tack', 'tools'),
  say: (line) => console.error(line),
});
process.exitCode = runTests();

/** The pinned binary, whatever the machine has. */
function installedClaude(): string {
  const binary = join(CLIS, 'node_modules/@anthropic-ai/claude-code/bin/claude.exe');
  const lock = join(CLIS, 'package-lock.json');
  const seal = join(CLIS, 'node_modules/.package-lock.json');
  if (!existsSync(binary) || !existsSync(seal) || statSync(lock).mtimeMs > statSync(seal).mtimeMs) {
    console.error('Installing the pinned harnesses for the tests (once) …');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], CLIS);
  }
  return binary;
}

function runTests(): number {
  const results = mkdtempSync(join(tmpdir(), 'tack-results-'));
  mkdirSync(join(ROOT, '.tack'), { recursive: true });
  const report = join(results, 'report.json');
  const given = process.argv.slice(2);
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...given],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...own() } },
  );
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    ) as Record<string, number>;
    const failed = (numFailedTests ?? 0) || (status === 0 ? 0 : Math.max(1, numFailedTestSuites ?? 0));
    if (numPendingTests) console.log(`${numPendingTests} skipped`);
    console.log(`${numPassedTests ?? 0} passed, ${failed} failed`);
  } catch {
    console.log('0 passed, 1 failed');
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
  return status ?? 1;
}

function own(): NodeJS.ProcessEnv {
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  return { TACK_CLAUDE_BIN: claude, TACK_TEMPORAL_BIN: temporal, PATH: path };
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed in ${cwd}.`);
}
