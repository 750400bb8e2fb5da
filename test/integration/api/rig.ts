/** A real server on a real port, with an engine that writes down what it is told. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { createClient, type Client } from '../../../src/api/contract/client.ts';
import { createApp } from '../../../src/api/server/app.ts';
import type { ServerParts } from '../../../src/api/server/parts.ts';
import { createFrameHub, type FrameHub } from '../../../src/api/server/stream/frame-hub.ts';
import { logProgress } from '../../../src/api/server/stream/log-progress.ts';
import { TackError } from '../../../src/domain/errors.ts';
import { newId } from '../../../src/domain/ids.ts';
import type { Engine } from '../../../src/domain/ports/engine.ts';
import { createGitHttp } from '../../../src/sandbox/git-http/index.ts';
import { memoryStore, sha256, type MemoryStore } from '../../support/memory-store.ts';

export interface Rig {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly client: Client;
  readonly store: MemoryStore;
  readonly hub: FrameHub;
  /** What the engine was told, in order. */
  readonly told: { readonly name: string; readonly args: readonly unknown[] }[];
  readonly log_lines: string[];
  /** Folder of the projects' bare repositories. */
  readonly projects: string;
  /** One request as it is, with the token. */
  ask(
    method: string,
    path: string,
    init?: { body?: unknown; text?: string; headers?: Record<string, string> },
  ): Promise<{ status: number; headers: Headers; body: any }>;
  /** How many streams came to their end. */
  endedStreams(): number;
  close(): Promise<void>;
}

export const SCRIPTED = { name: 'scripted', harness: 'scripted', sandbox: 'bubblewrap' } as const;
export const TOKEN = 'tok_' + 'a1'.repeat(16);

export async function startRig(
  over: { engine?: Partial<Engine>; parts?: Partial<ServerParts>; limits?: Partial<ServerParts['limits']> } = {},
): Promise<Rig> {
  const store = memoryStore();
  const told: Rig['told'] = [];
  const log_lines: string[] = [];
  const projects = mkdtempSync(join(tmpdir(), 'tack-projects-'));
  const hub = createFrameHub(logProgress(store.log));
  const answers: Engine = {
    say: async (_record, _delivery, message) => ({ turn_id: message.turn_id }),
    decideApproval: async (_session_id, { approval_id, decision, actor, via }) => ({
      approval_id,
      decision,
      actor,
      via,
      resolved_at: '2026-11-24T00:00:00.000Z',
      grant_id: null,
    }),
    askAgain: async (_session_id, { new_approval_id }) => ({ approval_id: new_approval_id }),
    revokeGrant: async () => {},
    interrupt: async () => ({ stopped: true }),
    close: async () => {},
    noteWork: async () => {},
    setPolicy: async () => {},
    isReady: async () => true,
    ...over.engine,
  };
  const engine = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      (...args: unknown[]) => {
        told.push({ name, args });
        return (answer as (...all: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Engine;
  const app = await createApp({
    log: store.log,
    blobs: store.blobs,
    projections: store.projections,
    records: store.records,
    engine,
    git: createGitHttp({ projects }),
    hub,
    credentials: {
      async put() {
        throw new TackError('broker_unavailable', 'Nobody answers at run/broker.sock.');
      },
      held: async () => null,
    },
    catalog: {
      agents: async () => [SCRIPTED],
      sandboxProblem: async () => null,
      harnesses: async () => [
        {
          object: 'harness',
          id: 'scripted',
          name: 'Scripted',
          vendor: null,
          credential_ref: null,
          available: true,
          version: '1',
          problem: null,
        },
        {
          object: 'harness',
          id: 'claude-code',
          name: 'Claude Code',
          vendor: 'anthropic',
          credential_ref: 'anthropic',
          available: false,
          version: null,
          problem: 'No `claude` on the PATH.',
        },
      ],
    },
    oversight: {
      stuckAmong: async () => new Map(),
      state: async () => ({
        sessions: {},
        queues: null,
        leases: [],
        oldest_approval: null,
        oldest_prompt: null,
        stuck: [],
      }),
    },
    roles: async () => [{ role: 'engine', ok: true, detail: 'answers' }],
    token: TOKEN,
    actor: { type: 'user', id: 'ann' },
    about: { version: '0.0.1', data_folder: '0123abcd' },
    sha256,
    newId: (kind) => newId(kind, Date.now(), randomBytes(10)),
    now: () => new Date().toISOString(),
    logger: pino({ level: 'debug' }, { write: (line: string) => void log_lines.push(line) }),
    ...over.parts,
    limits: {
      heartbeat_ms: 15_000,
      client_buffer_bytes: 1_000_000,
      stalled_after_ms: 60_000,
      body_bytes: 25_000_000,
      ...over.limits,
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    token: TOKEN,
    store,
    hub,
    told,
    log_lines,
    projects,
    client: createClient({ base_url: url, token: TOKEN, via: 'cli' }),
    async ask(method, path, { body, text, headers = {} } = {}) {
      const payload = text ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          ...(payload !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(payload !== undefined && { body: payload }),
      });
      const answer = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(answer) : answer,
      };
    },
    endedStreams: () => log_lines.filter((line) => line.includes('stream.ended')).length,
    async close() {
      await app.close();
      rmSync(projects, { recursive: true, force: true });
    },
  };
}
