import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TackError } from '../../domain/errors.ts';

/** One run of git by a role, on a repository of Tackroom's own. */
export interface HostGit {
  readonly git_dir: string;
  readonly args: readonly string[];
  readonly input?: string | Readable;
  /** Settings for this run, after the protecting ones. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Settings that keep git from running what a repository names. Source: each closes one row of the table of planted files. */
export const PROTECTING = {
  'core.fsmonitor': 'false',
  'core.hooksPath': '/dev/null',
  'safe.bareRepository': 'explicit',
  'safe.directory': '*',
  'diff.ignoreSubmodules': 'all',
  'protocol.allow': 'never',
  'protocol.file.allow': 'always',
  'gc.auto': '0',
  'maintenance.auto': 'false',
} as const;

/** The environment of every git of a role: nobody's configuration, no question, no pager. */
export const HOST_GIT_ENV = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  LANG: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
} as const;

/** The words in front of every git of a role: whoever serves a repository by another program of git uses them too. */
export const hostGitWords = (settings: Readonly<Record<string, string>> = {}): readonly string[] => [
  'git',
  ...Object.entries({ ...PROTECTING, ...settings }).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
];

/** Null where there is no git. */
export function versionOfGit(): Promise<string | null> {
  const child = spawn('git', ['--version'], { env: HOST_GIT_ENV, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', () => resolve(/\d+(\.\d+)+/.exec(said)?.[0] ?? null));
  });
}

/**
 * The one way a role runs git on the host; only on bare repositories of Tackroom's own, never on a worktree. Resolves with
 * what git printed; throws `git_failed` with git's words.
 */
export async function hostGit({ git_dir, args, input, settings }: HostGit): Promise<string> {
  const [file, ...words] = [...hostGitWords(settings), `--git-dir=${git_dir}`, ...args];
  const child = spawn(file as string, words, { env: HOST_GIT_ENV, cwd: '/', stdio: 'pipe' });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(new TackError('git_failed', `git is missing: ${cause.message}`, { cause })));
    child.once('close', resolve);
    if (input === undefined || typeof input === 'string') child.stdin.end(input);
    // git that stops reading says why by its exit
    else pipeline(input, child.stdin).catch(() => child.stdin.destroy());
    child.stdin.on('error', () => {});
  });
  if (code === 0) return Buffer.concat(out).toString();
  const said = Buffer.concat(err).toString().trim().slice(-2_000);
  throw new TackError('git_failed', `git ${args[0] ?? ''} failed: ${said || `exit ${code}`}`);
}
