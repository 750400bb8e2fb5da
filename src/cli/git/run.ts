/** The one way the command line runs git in the person's repository: on the person's own command, with nothing of it in the way. */
import { execFile, spawn } from 'node:child_process';
import { ownEnvironment } from '../../config.ts';
import { TackError } from '../../domain/errors.ts';

export interface GitCall {
  readonly cwd: string;
  readonly args: readonly string[];
  /** Settings of this call alone, by name. */
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** `latin1` keeps every byte, also of files that are not UTF-8; it counts for `input` and the answer. */
  readonly encoding?: 'utf8' | 'latin1';
}
export interface GitAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Who makes the commits of a snapshot and of a merge. */
export const IDENTITY = {
  GIT_AUTHOR_NAME: 'Tackroom',
  GIT_AUTHOR_EMAIL: 'tackroom@localhost',
  GIT_COMMITTER_NAME: 'Tackroom',
  GIT_COMMITTER_EMAIL: 'tackroom@localhost',
} as const;

/**
 * Never: hooks and monitors of the repository, a signature, a credential program, a question on the terminal; nor a folder of
 * a clone that looks like a repository and brings settings of its own.
 */
const QUIET = {
  'safe.bareRepository': 'explicit',
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.alternateRefsCommand': ':',
  'core.askPass': '',
  'commit.gpgSign': 'false',
  'push.gpgSign': 'false',
  'credential.helper': '',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'protocol.ext.allow': 'never',
  'submodule.recurse': 'false',
  'core.quotePath': 'false',
} as const;

/** Runs git and answers whatever it said; `git_failed` only when it cannot be started. Output up to 1 GB. */
export function tryGit(call: GitCall): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      [...call.args],
      { cwd: call.cwd, env: environment(call), maxBuffer: 2 ** 30, encoding: call.encoding ?? 'utf8' },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') return reject(cannotStart(error));
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
    child.stdin?.on('error', () => undefined); // git may end without reading: its exit says why
    child.stdin?.end(call.input ?? '', call.encoding ?? 'utf8');
  });
}

/** Runs git and answers its stdout without the last newline; `git_failed` with git's own words otherwise. */
export async function runGit(call: GitCall): Promise<string> {
  const answer = await tryGit(call);
  if (answer.code !== 0) throw gitFailed(call, answer);
  return answer.stdout.replace(/\n$/, '');
}

/** Hands git's output to the terminal as it comes. Resolves with the exit code. */
export function showGit(call: GitCall): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...call.args], {
      cwd: call.cwd,
      env: environment(call),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', (error) => reject(cannotStart(error)));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

export function gitFailed({ args }: GitCall, { code, stderr, stdout }: GitAnswer): TackError {
  const words = (stderr || stdout).trim().split('\n').slice(-6).join('\n');
  return new TackError(
    'git_failed',
    `git ${args.find((arg) => !arg.startsWith('-')) ?? ''} ended with ${code}: ${words}`,
  );
}

function environment({ config = {}, env = {} }: GitCall): NodeJS.ProcessEnv {
  const settings = Object.entries({ ...QUIET, ...config });
  const pairs = settings.flatMap(([key, value], n) => [
    [`GIT_CONFIG_KEY_${n}`, key],
    [`GIT_CONFIG_VALUE_${n}`, value],
  ]);
  return {
    ...inherited(),
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
    GIT_CONFIG_COUNT: `${settings.length}`,
    ...Object.fromEntries(pairs),
    ...env,
  };
}

/** The person's own environment, without what would make git look at another repository. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(ownEnvironment()).filter(
      ([name]) =>
        !/^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|CONFIG_)/.test(name),
    ),
  );
}

function cannotStart(error: Error): TackError {
  return new TackError('git_failed', `git cannot be started: ${error.message}. Install git.`, { cause: error });
}
