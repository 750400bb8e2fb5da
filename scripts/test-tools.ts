/** What only tests and benchmarks need: the pinned Claude Code, the Temporal CLI and a Postgres server, installed once. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporalBinary } from '../src/supervisor/temporal-binary.ts';
import { installPostgres } from './postgres-programs.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const CLIS = join(ROOT, 'test', 'harness-clis');

/** This environment with the paths of both in it. */
export async function withTestTools(): Promise<NodeJS.ProcessEnv> {
  const claude = installedClaude();
  installPostgres();
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
