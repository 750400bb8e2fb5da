/** One program of git that serves one request, and ends with it. */
import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import { TackError } from '../../domain/errors.ts';
import type { GitService } from '../../domain/ports/git-http.ts';
import { HOST_GIT_ENV, hostGitWords } from '../worktree/host-git.ts';

export interface ServiceRun {
  readonly git_dir: string;
  readonly service: GitService;
  readonly args: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  readonly protocol: string | null;
  readonly input: AsyncIterable<Buffer> | null;
  readonly signal: AbortSignal;
}

/** How long git may clean up after its client has gone (ms). */
const CLEAN_UP_MS = 3_000;

/** What git answers. Throws `git_failed` when it failed without a word of its own protocol. */
export async function* runService({
  git_dir,
  service,
  args,
  settings,
  protocol,
  input,
  signal,
}: ServiceRun): AsyncGenerator<Buffer> {
  const [file, ...words] = [...hostGitWords(settings), service.replace(/^git-/, ''), ...args, git_dir];
  const env = {
    ...HOST_GIT_ENV,
    ...(protocol !== null && /^version=[0-2]$/.test(protocol) && { GIT_PROTOCOL: protocol }),
  };
  const child = spawn(file as string, words, { env, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(new TackError('git_failed', `git is missing: ${cause.message}`, { cause })));
    child.once('close', resolve);
  });
  ended.catch(() => {}); // told below, or the reader has left
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  const stop = (): void => {
    child.stdin.destroy();
    child.kill('SIGTERM');
    const killing = setTimeout(() => child.kill('SIGKILL'), CLEAN_UP_MS);
    child.once('close', () => clearTimeout(killing));
  };
  signal.addEventListener('abort', stop);
  child.stdin.on('error', () => {}); // git that stops reading says why by its answer
  let broken: unknown;
  const feeding =
    input === null
      ? void child.stdin.end()
      : pipeline(input, child.stdin).catch((error: unknown) => void (broken = error));
  try {
    let bytes = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      yield chunk;
    }
    const code = await ended;
    await feeding;
    if (bytes === 0 && code !== 0)
      throw broken ?? new TackError('git_failed', `${service}: ${said.trim() || `exit ${code}`}`);
  } finally {
    signal.removeEventListener('abort', stop);
    if (child.exitCode === null && child.signalCode === null) stop();
  }
}
