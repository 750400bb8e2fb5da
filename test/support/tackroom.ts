/** A whole Tackroom of its own: data folder, roles and command line, as a person would run them. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient, type Client } from '../../src/api/contract/client.ts';
import { GroupStatus, type Role } from '../../src/domain/wires/supervisor.ts';
import { startEngine, temporalBin } from './engine.ts';
import { handOverRoom } from './histories.ts';
import type { OrdinaryUser } from './ordinary-user.ts';
import { processesNaming } from './processes.ts';
import { until } from './until.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `tack`, with what it printed so far. */
export interface Running {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves when stdout or stderr contains the text. */
  says(text: string | RegExp, timeout_ms?: number): Promise<string>;
  readonly finished: Promise<Finished>;
}

export interface Room {
  /** Where its data folder is now: TACK_HOME of its `env`. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs `tack …` to its end. */
  tack(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Starts `tack …` and leaves it running. */
  start(args: readonly string[], options?: RunOptions): Running;
  /** Asks the API directly, with the token of the data folder. */
  api(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: unknown }>;
  /** Where the server listens, and the token that it takes. */
  served(): { readonly port: number; readonly token: string };
  /** `tack up`, and the roles that run then. */
  up(): Promise<GroupStatus>;
  status(): Promise<GroupStatus>;
  /** SIGKILL; resolves with the pid that died. */
  kill(role: Role): Promise<number>;
  /** The typed client, as this surface. */
  client(via?: 'api' | 'cli'): Client;
  /** `temporal …` against the engine of the room. */
  temporal(...args: readonly string[]): Promise<string>;
  /** The folder that a session works in, as the host sees it. */
  workOf(session_id: string): string;
  /** `tack down`, then nothing of it may be left: neither processes nor folders. */
  close(): Promise<void>;
}
export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A data folder and the means to act on it; nothing is started yet. `as`: whose `tack` it is, when not this process's user. */
export function openRoom(extra: NodeJS.ProcessEnv = {}, as?: OrdinaryUser): Room {
  const first = mkdtempSync(join(as?.home ?? tmpdir(), 'tack-home-'));
  as?.give(first);
  const program = as ? [as.at(process.execPath), as.at(MAIN)] : [process.execPath, MAIN];
  const claude = process.env['TACK_CLAUDE_BIN'];
  const env = {
    ...(as ? { ...as.env, ...(claude && { TACK_CLAUDE_BIN: as.at(claude) }) } : withoutCredentials(process.env)),
    TACK_HOME: first,
    TACK_PORT: '0',
    TACK_TEMPORAL_BIN: as ? as.at(temporalBin()) : temporalBin(),
    NO_COLOR: '1',
    ...extra,
  };
  const homeNow = () => env.TACK_HOME;

  const start = (args: readonly string[], options: RunOptions = {}): Running => {
    const cwd = options.cwd ?? homeNow();
    const argv = [...program, ...args];
    const [command = '', ...words] = as ? as.words(argv, { cwd }) : argv;
    const child = spawn(command, words, {
      cwd: as ? '/' : cwd,
      env: { ...env, ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const out: string[] = [];
    const err: string[] = [];
    child.stdout!.setEncoding('utf8').on('data', (text: string) => out.push(text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => err.push(text));
    if (options.input !== undefined) child.stdin!.on('error', () => undefined).end(options.input); // it may end before it reads
    const finished = once(child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: out.join(''),
      stderr: err.join(''),
    }));
    const all = () => out.join('') + err.join('');
    return {
      child,
      stdout: () => out.join(''),
      stderr: () => err.join(''),
      finished,
      says: (text, timeout_ms) =>
        until(
          `tack ${args[0]} to say ${text}`,
          () => {
            if (typeof text === 'string' ? all().includes(text) : text.test(all())) return all();
            if (child.exitCode !== null)
              throw new Error(`tack ${args.join(' ')} ended with ${child.exitCode} and said:\n${all()}`);
            return undefined;
          },
          timeout_ms,
        ),
    };
  };

  const served = () => JSON.parse(readFileSync(join(homeNow(), 'server.json'), 'utf8')) as { port: number };
  const token = () => readFileSync(join(homeNow(), 'token'), 'utf8').trim();
  async function status(): Promise<GroupStatus> {
    const { stdout, stderr } = await start(['status', '--json']).finished;
    const parsed = GroupStatus.safeParse(JSON.parse(stdout || 'null'));
    if (!parsed.success) throw new Error(`tack status said: ${stdout}${stderr}`);
    return parsed.data;
  }

  return {
    get home() {
      return homeNow();
    },
    env,
    start,
    served: () => ({ port: served().port, token: token() }),
    tack: (args, options) => start(args, options).finished,
    async api(method, path, body, headers = {}) {
      const response = await fetch(`http://127.0.0.1:${served().port}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token()}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const is_json = response.headers.get('content-type')?.includes('json') === true; // the reader is a page
      return { status: response.status, body: is_json && text ? (JSON.parse(text) as unknown) : text || null };
    },
    async up() {
      const { code, stdout, stderr } = await start(['up']).finished;
      if (code !== 0) throw new Error(`tack up ended with ${code}:\n${stdout}${stderr}`);
      return status();
    },
    status,
    async kill(role) {
      const pid = (await status()).roles.find((one) => one.role === role)?.pid;
      if (!pid) throw new Error(`No ${role} runs.`);
      process.kill(pid, 'SIGKILL');
      return pid;
    },
    client: (via = 'api') => createClient({ base_url: () => `http://127.0.0.1:${served().port}`, token: token(), via }),
    async temporal(...args) {
      const { temporal_address } = await status();
      const { stdout } = await promisify(execFile)(temporalBin(), [
        ...args,
        ...['--address', temporal_address ?? '', '--namespace', 'tackroom'],
      ]);
      return stdout;
    },
    workOf: (session_id) => join(homeNow(), 'sessions', session_id, 'work'),
    async close() {
      const home = homeNow();
      await handOverRoom(home, (file) => startEngine({ file }));
      await start(['down']).finished;
      await until(`no process of ${home}`, () => processesNaming(home).length === 0, 20_000);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function withoutCredentials(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { ANTHROPIC_API_KEY: _key, ANTHROPIC_AUTH_TOKEN: _token, ANTHROPIC_BASE_URL: _url, ...rest } = env;
  return rest;
}
