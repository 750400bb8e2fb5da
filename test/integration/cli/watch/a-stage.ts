/** The real command line against a real server, whose sessions are played by the test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Envelope, Frame } from '../../../../src/domain/events/envelope.ts';
import type { NewEvent } from '../../../../src/domain/events/new-event.ts';
import type { ApprovalRow } from '../../../../src/domain/ports/projections.ts';
import { repositoryWith } from '../../../support/repository.ts';
import { openTerminal, type Terminal } from '../../../support/terminal.ts';
import { until } from '../../../support/until.ts';
import { startRig, type Rig } from '../../api/rig.ts';

export const MAIN = fileURLToPath(new URL('../../../../src/cli/main.ts', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface Running {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  says(text: string): Promise<void>;
  readonly finished: Promise<Ran>;
}

export interface Stage {
  readonly rig: Rig;
  /** A repository of one commit. */
  readonly repository: string;
  readonly env: NodeJS.ProcessEnv;
  start(args: readonly string[], options?: RunOptions): Running;
  tack(args: readonly string[], options?: RunOptions): Promise<Ran>;
  terminal(args: readonly string[], env?: NodeJS.ProcessEnv): Terminal;
  /** The next session that a prompt has started. */
  started(nth?: number): Promise<Played>;
  /** A session that exists, with a running turn. */
  running(): Promise<Played>;
  close(): Promise<void>;
}
export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A session whose log the test writes. */
export interface Played {
  readonly id: string;
  readonly turn_id: string;
  happens(...events: readonly Happened[]): Promise<void>;
  streams(...frames: readonly Frame[]): void;
  /** `approval.requested`, and what the inbox has then. */
  asks(id: string, over?: Partial<ApprovalRow>): Promise<void>;
  answered(id: string, data: Readonly<Record<string, unknown>>, by?: Partial<NewEvent>): Promise<void>;
  log(): Promise<readonly Envelope[]>;
}
type Happened = Pick<NewEvent, 'type'> & Partial<NewEvent>;

export const DIGEST = 'd'.repeat(64);

export async function openStage(over: Parameters<typeof startRig>[0] = {}): Promise<Stage> {
  const rig = await startRig(over);
  const repository = repositoryWith({ 'a.txt': 'hello\n' });
  const home = mkdtempSync(join(tmpdir(), 'tack-home-'));
  const {
    ANTHROPIC_API_KEY: _key,
    ANTHROPIC_AUTH_TOKEN: _token,
    ANTHROPIC_BASE_URL: _url,
    NODE_EXTRA_CA_CERTS: _ca,
    ...inherited
  } = process.env;
  const env = { ...inherited, TACK_HOME: home, TACK_SERVER: rig.url, TACK_TOKEN: rig.token };
  const alive = new Set<number>();

  function start(args: readonly string[], options: RunOptions = {}): Running {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: options.cwd ?? repository,
      env: { ...env, ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const pid = child.pid ?? 0;
    alive.add(pid);
    let [stdout, stderr] = ['', ''];
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    if (options.input !== undefined) child.stdin!.end(options.input);
    const finished = once(child, 'close').then(([code]) => {
      alive.delete(pid);
      return { code: code as number | null, stdout, stderr };
    });
    return {
      pid,
      stdout: () => stdout,
      stderr: () => stderr,
      finished,
      says: async (text) => {
        await until(`tack ${args.join(' ')} to say ${text}`, () => {
          if (!(stdout + stderr).includes(text) && !alive.has(pid))
            throw new Error(`It ended without ${text}:\n${stdout}\n${stderr}`);
          return (stdout + stderr).includes(text);
        });
      },
    };
  }

  const play = (id: string, turn_id: string): Played => ({
    id,
    turn_id,
    happens: (...events) => rig.store.say(id, ...events.map((event) => ({ turn_id, ...event }))),
    streams: (...frames) => frames.forEach((frame) => rig.hub.publish(id, frame)),
    async asks(approval_id, over = {}) {
      const approval = {
        id: approval_id,
        kind: 'tool',
        title: 'npm run db:migrate',
        digest: DIGEST,
        preview: { kind: 'shell.exec', script: 'npm run db:migrate' },
        rules: [{ name: 'migrations', level: 'agent', reason: 'Schema changes need a person.' }],
        pattern: { on: 'shell.exec', commands: ['npm run db:migrate'] },
        grantable: 'session',
        on_expiry: 'pause',
        expires_at: '2030-01-01T00:00:00.000Z',
      };
      rig.store.rows.approvals.set(approval_id, {
        approval_id,
        session_id: id,
        turn_id,
        kind: 'tool',
        status: 'pending',
        digest: DIGEST,
        title: approval.title,
        approval,
        resolution: null,
        requested_at: '2026-11-24T10:00:00.000Z',
        expires_at: approval.expires_at,
        ...over,
      });
      await rig.store.say(id, { type: 'approval.requested', turn_id, data: { approval: over.approval ?? approval } });
    },
    async answered(approval_id, data, by = {}) {
      const row = rig.store.rows.approvals.get(approval_id)!;
      const outcome = (data['outcome'] ?? 'decided') as 'decided';
      rig.store.rows.approvals.set(approval_id, { ...row, status: outcome, resolution: { ...data } });
      await rig.store.say(id, { type: 'approval.resolved', turn_id, ...by, data: { approval_id, outcome, ...data } });
    },
    log: () => rig.store.log.read(id, { after: 0, limit: 10_000 }),
  });

  return {
    rig,
    repository,
    env,
    start,
    tack: (args, options) => start(args, options).finished,
    terminal(args, more = {}) {
      const terminal = openTerminal([process.execPath, MAIN, ...args], { cwd: repository, env: { ...env, ...more } });
      alive.add(terminal.pid);
      void terminal.finished.then(() => alive.delete(terminal.pid));
      return terminal;
    },
    started: (nth = 1) =>
      until(`prompt ${nth} to arrive`, () => {
        const said = rig.told.filter(({ name }) => name === 'say')[nth - 1];
        if (!said) return undefined;
        const [record, , message] = said.args as [{ session_id: string }, string, { turn_id: string }];
        return play(record.session_id, message.turn_id);
      }),
    async running() {
      const session = await rig.client.sessions.create({ body: { agent: 'scripted', title: 'played' } });
      const played = play(session.id, 'trn_1');
      await played.happens(
        {
          type: 'session.created',
          turn_id: null,
          data: { title: 'played', agent: 'scripted', harness: 'scripted', sandbox: 'bubblewrap' },
        },
        { type: 'turn.started', data: { attempt: 1 } },
      );
      showRow(rig, played.id, 2, 'running');
      return played;
    },
    async close() {
      for (const pid of alive) process.kill(pid, 'SIGKILL');
      await rig.close();
      for (const folder of [repository, home]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What lists show of a session. */
export function showRow(rig: Rig, session_id: string, head_seq: number, status: string): void {
  rig.store.rows.sessions.set(session_id, {
    session_id,
    title: 'played',
    agent: 'scripted',
    harness: 'scripted',
    model: null,
    status,
    reason: 'turn',
    project_id: null,
    branch: null,
    head_seq,
    turns: 1,
    pending_approvals: 0,
    queued: 0,
    input_tokens: 0,
    output_tokens: 0,
    work_commit: null,
    created_at: '2026-11-24T10:00:00.000Z',
    updated_at: '2026-11-24T10:00:00.000Z',
  });
}

export const message = (item_id: string, text: string): Happened => ({
  type: 'agent.message',
  data: { item_id, content: [{ type: 'text', text }] },
});
export const begins = (item_id: string): Frame => ({ type: 'item.started', item_id, kind: 'message' });
export const delta = (item_id: string, words: string): Frame => ({
  type: 'item.delta',
  item_id,
  channel: 'text',
  delta: words,
});
export const DONE: Happened = { type: 'turn.completed', data: { stop_reason: 'end_turn' } };
export const BEGUN: readonly Happened[] = [
  {
    type: 'session.created',
    turn_id: null,
    data: { title: 't', agent: 'scripted', harness: 'scripted', sandbox: 'bubblewrap' },
  },
  { type: 'turn.started', data: { attempt: 1 } },
];
