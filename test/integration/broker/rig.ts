/** A broker as its own process, a judge in the worker's place, and the scripted model server as its upstream. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startModelServer, type ModelServer } from '../../../src/demo/model-server/server.ts';
import type { PutEndpoint } from '../../../src/domain/wires/broker.ts';
import type { JudgeAnswer, JudgeRequest, UsageReport } from '../../../src/domain/wires/judge.ts';
import { TackError } from '../../../src/domain/errors.ts';
import { serveJudge } from '../../../src/worker/judge-server.ts';
import { until } from '../../support/until.ts';

const PROGRAM = fileURLToPath(new URL('broker-program.ts', import.meta.url));
export const SESSION = 'ses_0123456789abcdef';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Rig {
  readonly model: ModelServer;
  /** The secret; nowhere but at the upstream may it show. */
  readonly canary: string;
  readonly canary_hash: string;
  readonly run_folder: string;
  readonly asked: readonly JudgeRequest[];
  readonly usages: readonly UsageReport[];
  /** What the broker printed so far. */
  log(): string;
  broker(): ChildProcess;
  answerWith(judge: (request: JudgeRequest) => JudgeAnswer): void;
  stopJudge(): Promise<void>;
  startJudge(): Promise<void>;
  /** Speaks to `broker.sock`. */
  control(method: string, path: string, body?: unknown): Promise<Answered>;
  /** Opens the endpoint of `SESSION`; answers its folder. */
  open(more?: Partial<PutEndpoint>): Promise<string>;
  /** One request through the endpoint's socket. */
  ask(dir: string, words: string, more?: Asking): Promise<Answered>;
  kill(signal: NodeJS.Signals): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface Asking {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: unknown;
  readonly stream?: boolean;
}

export const ALLOW: JudgeAnswer = { effect: 'allow', rules: [] };

/** A Messages request as Claude Code sends one. */
export const message = (words: string, stream = true) => ({
  model: 'claude-sonnet-4-5',
  max_tokens: 1000,
  stream,
  tools: [{ name: 'Bash', input_schema: { type: 'object' } }],
  messages: [{ role: 'user', content: words }],
});

/** `environment`: what the broker is started with besides, given the model server. */
export async function openRig(
  environment: (model: ModelServer) => NodeJS.ProcessEnv | Promise<NodeJS.ProcessEnv> = () => ({}),
): Promise<Rig> {
  const model = await startModelServer();
  const env = await environment(model);
  const run_folder = mkdtempSync(join(tmpdir(), 'tack-b-'));
  const canary = `sk-ant-canary-${randomBytes(16).toString('hex')}`;
  const asked: JudgeRequest[] = [];
  const usages: UsageReport[] = [];
  let judging: (request: JudgeRequest) => JudgeAnswer = () => ALLOW;
  let judge: Awaited<ReturnType<typeof serveJudge>> | undefined;
  let child: ChildProcess | undefined;
  let printed = '';

  const judge_socket = join(run_folder, 'judge.sock');
  const startJudge = async () => {
    judge = await serveJudge(judge_socket, {
      async judge(question) {
        asked.push(question);
        return judging(question);
      },
      async usage(report) {
        usages.push(report);
      },
    });
  };
  const stopJudge = async () => {
    await judge?.close();
    judge = undefined;
  };
  const control: Rig['control'] = (method, path, body) =>
    send(join(run_folder, 'broker.sock'), {
      method,
      path,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  const start = async () => {
    child = spawn(process.execPath, [PROGRAM], {
      env: {
        PATH: process.env['PATH'],
        ANTHROPIC_API_KEY: canary,
        ANTHROPIC_BASE_URL: model.url,
        ...env,
        TACK_TEST_RUN_FOLDER: run_folder,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const own = child;
    await until('the broker to listen', () => {
      if (own.exitCode !== null && own.exitCode !== 0)
        throw new Error(`The broker ended with ${own.exitCode}: ${printed}`);
      return reachable(join(run_folder, 'broker.sock'));
    });
  };
  const kill = async (signal: NodeJS.Signals) => {
    if (!child) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  const close = async () => {
    if (child && child.exitCode === null && child.signalCode === null) await kill('SIGKILL');
    await stopJudge();
    await model.close();
    rmSync(run_folder, { recursive: true, force: true });
  };
  await startJudge();
  await start().catch(async (error: unknown) => {
    await close();
    throw error;
  });

  return {
    model,
    canary,
    canary_hash: createHash('sha256').update(canary).digest('hex'),
    run_folder,
    asked,
    usages,
    log: () => printed,
    broker: () => child!,
    answerWith: (next) => void (judging = next),
    stopJudge,
    startJudge,
    control,
    async open(more = {}) {
      const answered = await control('PUT', `/endpoints/${SESSION}`, endpoint(more));
      if (answered.status !== 200) throw new Error(`PUT /endpoints answered ${answered.status}: ${answered.body}`);
      return (JSON.parse(answered.body) as { dir: string }).dir;
    },
    ask: (dir, words, more = {}) => {
      const body = more.body ?? message(words, more.stream);
      return send(join(dir, 'e.sock'), {
        method: more.method ?? 'POST',
        path: more.path ?? '/v1/messages?beta=true',
        headers: { ...CLIENT_HEADERS, ...more.headers },
        body: more.method === 'GET' || more.method === 'HEAD' ? undefined : JSON.stringify(body),
      });
    },
    kill,
    restart: start,
    close,
  };
}

/** What Claude Code sends along; the key is its placeholder. */
export const CLIENT_HEADERS = {
  host: '127.0.0.1:4010',
  'content-type': 'application/json',
  'anthropic-version': '2023-06-01',
  'x-api-key': 'placeholder',
  authorization: 'Bearer from-inside',
  cookie: 'from=inside',
};

export const endpoint = (more: Partial<PutEndpoint> = {}): PutEndpoint => ({
  epoch: 1,
  turn_id: 'trn_1',
  upstreams: [{ name: 'model', base_url: 'https://api.anthropic.com', credential_ref: 'anthropic' }],
  judge: 'judge.sock',
  ...more,
});

export const staleEpoch = (): never => {
  throw new TackError('store_stale_epoch', 'over');
};

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | undefined;
}

export function send(socketPath: string, { method, path, headers = {}, body }: Sent): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = request({ socketPath, method, path, headers: { ...length, ...headers }, agent: false }, (response) => {
      text(response).then(
        (said) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: said }),
        reject,
      );
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Writes bytes as they are to a socket (a path, or a port of loopback), and answers everything that came back. */
export function sendRaw(where: string | number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = typeof where === 'string' ? connect(where) : connect(where, '127.0.0.1');
    let said = '';
    socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
    socket.once('error', reject);
    socket.once('close', () => resolve(said));
    socket.write(bytes, 'latin1');
  });
}

function reachable(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => (probe.destroy(), resolve(true))).once('error', () => resolve(false));
  });
}
