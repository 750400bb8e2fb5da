import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createSandbox, type LaunchRequest, type Sandbox, type SessionFolders } from '../../../src/sandbox/index.ts';

/** A person's home of mode 0700 with a data folder in it: nobody else gets through. */
export interface Place {
  readonly home: string;
  readonly folders: SessionFolders;
  readonly sandbox: Sandbox;
  run(script: string, more?: Partial<LaunchRequest>): Promise<Ran>;
  remove(): void;
}
export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

/** A sandbox as a worker has one, for many sessions: what lies below `below` is bound once. */
export const aSandbox = (kind: Sandbox['kind'], below: string): Sandbox =>
  createSandbox({ kind, path: process.env['PATH'] ?? '', exec_path: process.execPath, roots: [below] });

/** In a sandbox of its own unless the worker's is given. */
export function aPlace(kind: Sandbox['kind'] = 'bubblewrap', shared?: { below: string; sandbox: Sandbox }): Place {
  const home = realpathSync(mkdtempSync(join(shared?.below ?? tmpdir(), 'tack-sandbox-')));
  chmodSync(home, shared ? 0o711 : 0o700);
  const sandbox = shared?.sandbox ?? aSandbox(kind, join(home, 'sessions'));
  const session = join(home, 'sessions', `ses_${basename(home)}`);
  const folders = { work: join(session, 'work'), home: join(session, 'home'), out: join(session, 'out') };
  for (const folder of Object.values(folders)) {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    chownSync(folder, sandbox.uid, sandbox.uid);
  }
  return {
    home,
    folders,
    sandbox,
    run: (script, more) => run(sandbox, { ...aRequest(folders), argv: ['bash', '-c', script], ...more }),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

export const aRequest = (folders: SessionFolders): LaunchRequest => ({
  session_id: 'ses_1',
  argv: ['true'],
  env: {},
  folders,
  read_only: [],
});

async function run(sandbox: Sandbox, request: LaunchRequest): Promise<Ran> {
  const running = await sandbox.launch(request);
  running.stdin.end();
  const [out, err, { code }] = await Promise.all([text(running.stdout), text(running.stderr), running.exited]);
  await running.kill();
  return { out, err, code };
}

/** The living processes of this machine with these words in their command line; a zombie is none. */
export function processesWith(words: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ');
      return line.includes(words) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** git as a person runs it: with nothing that protects. */
export function personsGit(cwd: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=A Person', '-c', 'user.email=person@example.invalid', '-c', 'safe.directory=*'];
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
  const done = spawnSync('git', [...identity, ...args], { cwd, env, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`);
  return done.stdout.trim();
}
