import { text } from 'node:stream/consumers';
import { TackError } from '../../domain/errors.ts';
import type { LaunchRequest, Sandbox, SandboxProcess } from '../contract.ts';
import { HOST_GIT_ENV, PROTECTING } from './host-git.ts';
import { gitSettings } from '../isolation/environment.ts';

/** A shell script of ours in a worktree; what it needs of the session's folders. */
export interface Script {
  readonly session_id: string;
  readonly folders: LaunchRequest['folders'];
  readonly base_objects?: string;
  readonly read_only?: LaunchRequest['read_only'];
  readonly script: string;
  /** `$1`, `$2` … of the script; a path of the inside is put right for `none`. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Who writes the commits that Tackroom makes in a worktree. */
const IDENTITY = { 'user.name': 'Tackroom agent', 'user.email': 'agent@tackroom.invalid', 'commit.gpgSign': 'false' };

/** Starts a script in the session's worktree, in a sandbox of its own with an empty home: git there obeys nobody's settings. */
export function startInside(
  sandbox: Sandbox,
  { script, args, env, read_only, ...request }: Script,
): Promise<SandboxProcess> {
  return sandbox.launch({
    ...request,
    argv: ['/bin/sh', '-c', script, 'tackroom', ...args],
    env: { ...GIT_ENV, ...env },
    read_only: read_only ?? [],
    home: 'scratch',
    planted: 'writable',
  });
}

/** Runs such a script to its end and gives what it printed; throws `git_failed` with its last words. */
export async function runInside(
  sandbox: Sandbox,
  script: Script,
): Promise<{ readonly out: string; readonly said: string }> {
  const running = await startInside(sandbox, script);
  running.stdin.end();
  try {
    const [out, said, { code }] = await Promise.all([text(running.stdout), text(running.stderr), running.exited]);
    if (code === 0) return { out, said: said.trim() };
    throw new TackError('git_failed', `In the worktree: ${said.trim().slice(-2_000) || `exit ${code}`}`);
  } finally {
    await running.kill();
  }
}

const { PATH: _path, HOME: _home, ...QUIET } = HOST_GIT_ENV;
const GIT_ENV = { ...QUIET, ...gitSettings({ ...PROTECTING, ...IDENTITY }) };
