/** Commands that make a fresh worktree ready for work, such as `npm run build`: once, in the session's own sandbox. */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { TackError } from '../../domain/errors.ts';
import { INSIDE, type LaunchRequest, type Sandbox } from '../contract.ts';

export interface Setup {
  readonly sandbox: Sandbox;
  /** Whose folders and project: the session's. */
  readonly session: Pick<LaunchRequest, 'session_id' | 'folders' | 'base_objects'>;
  readonly commands: readonly string[];
}

const LAST_WORDS = 2_000;

/** A worker that died in the middle begins again from the first command. Throws `setup_failed` with the command and its last words. */
export async function setUp({ sandbox, session, commands }: Setup): Promise<void> {
  const marker = join(dirname(session.folders.work), 'setup.json');
  if (commands.length === 0 || (await hasRun(marker))) return;
  for (const command of commands) await run(sandbox, session, command);
  await writeFile(marker, JSON.stringify({ commands }), { mode: 0o600 });
}

async function run(sandbox: Sandbox, session: Setup['session'], command: string): Promise<void> {
  const argv = ['/bin/sh', '-c', 'exec 2>&1; cd "$1"; eval "$2"', 'setup', INSIDE.work, command];
  const running = await sandbox.launch({ ...session, argv, env: {}, read_only: [] });
  running.stdin.end();
  running.stderr.resume();
  try {
    const [said, { code, signal }] = await Promise.all([text(running.stdout), running.exited]);
    if (code === 0) return;
    const words = said.trim().slice(-LAST_WORDS);
    throw new TackError('setup_failed', `\`${command}\` ended with ${code ?? signal}${words && `: ${words}`}`);
  } finally {
    await running.kill();
  }
}

async function hasRun(marker: string): Promise<boolean> {
  try {
    await readFile(marker);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
