/** One child of the supervisor: started, watched, started again with growing patience, stopped. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Role, RoleStatus } from '../domain/wires/supervisor.ts';
import type { Keepsake } from './hand-over.ts';
import type { LogFile } from './log-file.ts';
import { logLines } from './log-lines.ts';

export interface ChildSpec {
  readonly role: Role;
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly log: LogFile;
  /** Resolves when the child works; `tried` is told why not yet. Null: it says `ready` on its lifeline. */
  readonly ready: ((look: Look) => Promise<void>) | null;
  /** What is written to its stdin at each start; `keep` hears what it says on its lifeline for the next one. */
  readonly keepsake?: Keepsake;
}

export interface Look {
  readonly signal: AbortSignal;
  readonly tried: (why: string) => void;
}

export interface Child {
  status(): RoleStatus;
  /** Resolves when it is ready for the first time. */
  readonly up: Promise<void>;
  restart(): void;
  /** SIGTERM, and SIGKILL after `patience_ms`. Resolves when it is gone. */
  stop(patience_ms: number): Promise<void>;
}

const BACK_OFF_MS = [20, 100, 500, 2_000, 5_000] as const;
/** A child that lived this long starts again at once when it dies: it did not die of its start. One that dies again and again after it costs a start each few seconds. */
const SETTLED_MS = 3_000;

export function superviseChild(spec: ChildSpec): Child {
  const { role, log, keepsake } = spec;
  const up = Promise.withResolvers<void>();
  let state: RoleStatus['state'] = 'starting';
  let since = new Date();
  let child: ChildProcess | null = null;
  let restarts = 0;
  let failures = 0;
  let detail = '';
  let stopping = false;
  let waiting: NodeJS.Timeout | undefined;

  const become = (next: RoleStatus['state'], why = '') => {
    [state, since, detail] = [next, new Date(), why];
  };
  const isReady = () => {
    become('ready');
    up.resolve();
  };
  const note = (msg: string, why: string) =>
    log.write(`${JSON.stringify({ level: 'warn', time: new Date().toISOString(), role, msg, why })}\n`);

  function start(): void {
    const started = performance.now();
    const watch = new AbortController();
    const own = launch(spec);
    child = own;
    const line = own.stdio[3] as unknown as NodeJS.ReadWriteStream & { destroy(): void };
    line.on('error', () => undefined); // the child is gone: its exit says more
    if (spec.ready)
      spec.ready({ signal: watch.signal, tried: (why) => (detail = why) }).then(isReady, (error: unknown) => {
        if (!watch.signal.aborted) note('role.unready', String(error));
      });
    else createInterface({ input: line }).on('line', (said) => (said === 'ready' ? isReady() : keepsake?.keep(said)));
    const gone = (why: string) => {
      watch.abort();
      line.destroy(); // what is left of a wrapper ends with its line
      child = null;
      if (stopping) return become('stopped', why);
      failures = performance.now() - started > SETTLED_MS ? 0 : failures + 1;
      restarts += 1;
      note('role.ended', why);
      become('restarting', why);
      waiting = setTimeout(start, BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length) - 1] ?? 0);
    };
    own.once('error', (error) => own.pid === undefined && gone(`it cannot be started: ${error.message}`));
    own.once('exit', (code, signal) => gone(signal ? `ended by ${signal}` : `exit ${code}`));
    if (restarts > 0) become('starting', detail);
  }

  start();
  return {
    up: up.promise,
    status: () => ({ role, state, pid: child?.pid ?? null, restarts, since: since.toISOString(), detail }),
    restart: () => void child?.kill('SIGTERM'),
    async stop(patience_ms) {
      stopping = true;
      clearTimeout(waiting);
      const running = child;
      if (!running) return become('stopped');
      const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
      running.kill('SIGTERM');
      const impatient = setTimeout(() => running.kill('SIGKILL'), patience_ms);
      await ended;
      clearTimeout(impatient);
    },
  };
}

/** In a session of its own, so that a Ctrl-C in the terminal reaches the supervisor only; descriptor 3 is its lifeline. */
function launch({ role, argv, env, log, keepsake }: ChildSpec): ChildProcess {
  const [command = '', ...args] = argv;
  const child = spawn(command, args, {
    env: { ...env, TACK_LIFELINE_FD: '3' },
    stdio: [keepsake ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
    cwd: '/',
  });
  child.stdin?.on('error', () => undefined); // it died before it read: its exit says more
  child.stdin?.end(keepsake?.text());
  for (const stream of [child.stdout, child.stderr]) {
    const lines = logLines(role, log);
    stream?.on('data', lines.write).once('end', lines.end);
  }
  return child;
}
