/** One request of a session, from the socket to the model and back. Every way out of here that is not the last one is a refusal. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Action } from '../../domain/action/schema.ts';
import { isTackError } from '../../domain/errors.ts';
import type { UsageReport } from '../../domain/wires/judge.ts';
import { INSIDE } from '../contract.ts';
import { isDenial, refusal, sendDenial, type Denial } from './denial.ts';
import { outward } from './headers.ts';
import type { JudgeLink } from './judge-link.ts';
import type { BrokerLog } from './log.ts';
import { readModelCall, type ModelCall } from './model-call.ts';
import { relay } from './relay.ts';
import { drained, readBody, type BodyMemory } from './request-body.ts';
import { routeOf, type Route } from './route.ts';
import { NoAnswer, type Target, type Upstreams } from './upstream.ts';
import { denialAfter, denialBy } from './judged-denial.ts';

export interface ExchangeParts {
  readonly session_id: string;
  readonly epoch: number;
  readonly turn_id: string;
  readonly judge: JudgeLink;
  readonly upstreams: Upstreams;
  /** Throws `credential_missing`. */
  readonly target: () => Target;
  readonly memory: BodyMemory;
  readonly log: BrokerLog;
}

/** Resolves when the request is answered, or its client is gone, and its cost is told. Never rejects. */
export async function carry(parts: ExchangeParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = routeOf({ method: request.method ?? '', url: request.url ?? '', raw_headers: request.rawHeaders });
  if (isDenial(route)) {
    await drained(request);
    return deny(parts, response, route);
  }
  if (route.kind === 'hello') return void response.writeHead(200, { 'content-length': 0 }).end();
  let body: Buffer | Denial;
  try {
    body = await readBody(request, parts.memory);
  } catch {
    return void response.destroy(); // the client went away in the middle of its request
  }
  if (isDenial(body)) {
    await drained(request);
    return deny(parts, response, body);
  }
  const taken = body.length;
  try {
    const call = callOf(route, body);
    if (isDenial(call)) return deny(parts, response, call);
    await judged(parts, { route, call, request, response });
  } finally {
    parts.memory.bytes -= taken;
  }
}

function callOf(route: Route, body: Buffer): ModelCall | Denial {
  if (route.method === 'POST') return readModelCall(body);
  if (body.length > 0) return refusal('malformed-request', 'A GET has no body.', { status: 400 });
  return { model: route.path.split('/')[3]?.split('?')[0] ?? '*', max_tokens: null, body };
}

interface Asked {
  readonly route: Route;
  readonly call: ModelCall;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function judged(parts: ExchangeParts, asked: Asked): Promise<void> {
  const { session_id, epoch, judge } = parts;
  const { route, call, response } = asked;
  const { model, max_tokens } = call;
  const action: Action = { kind: 'model.request', cwd: INSIDE.work, provider: 'anthropic', model, max_tokens };
  let denied: Denial | null;
  let target: Target | undefined;
  try {
    denied = denialBy(await judge.judge({ session_id, epoch, action }));
    target = parts.target();
  } catch (error) {
    denied = isTackError(error) && error.code === 'credential_missing' ? withoutKey(error.message) : denialAfter(error);
  }
  if (denied || !target) return deny(parts, response, denied ?? denialAfter(null));
  if (response.destroyed) return; // the client did not wait: nothing leaves for it
  await sendOn(parts, { ...asked, target, tells_usage: route.kind === 'messages' });
}

interface Allowed extends Asked {
  readonly target: Target;
  readonly tells_usage: boolean;
}

async function sendOn(
  parts: ExchangeParts,
  { route, call, request, response, target, tells_usage }: Allowed,
): Promise<void> {
  const { session_id, epoch, turn_id, judge, upstreams, log } = parts;
  const request_id = `req_${randomUUID().replaceAll('-', '')}`;
  const started = performance.now();
  const gone = new AbortController();
  response.once('close', () => response.writableFinished || gone.abort());
  const report = async (figures: Pick<UsageReport, 'status' | 'partial'> & Partial<UsageReport>): Promise<void> => {
    const usage = { ...NO_TOKENS, ...figures, session_id, epoch, turn_id, request_id, model: call.model };
    const took_ms = Math.round(performance.now() - started);
    const outcome = tells_usage ? await judge.report(usage) : 'recorded';
    log.info({ ...usage, took_ms, outcome }, 'request.carried');
  };
  try {
    const answer = await upstreams.send({
      target,
      method: route.method,
      path: route.path,
      headers: outward(request.headers),
      body: call.body,
      signal: gone.signal,
    });
    await relay({ answer, response, secret: target.secret ?? null, report });
  } catch (error) {
    const failed = error instanceof NoAnswer ? error : new NoAnswer(error as Error, true);
    if (!gone.signal.aborted) deny(parts, response, noAnswer(failed, target));
    await report({ status: gone.signal.aborted ? CLIENT_GONE : 502, partial: failed.maybe_heard });
  }
}

const NO_TOKENS = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 };
/** As web servers log a client that did not wait. */
const CLIENT_GONE = 499;

function deny({ session_id, log }: ExchangeParts, response: ServerResponse, denial: Denial): void {
  log.warn({ session_id, rule: denial.rule, code: denial.code, status: denial.status }, 'request.refused');
  sendDenial(response, denial);
}

const withoutKey = (message: string): Denial =>
  refusal('credential', message, { status: 503, code: 'credential_missing' });

const noAnswer = ({ message }: NoAnswer, { base }: Target): Denial =>
  refusal('upstream', `${base.host} gives no answer (${message}).`, {
    status: 502,
    code: 'broker_unavailable',
    way_out: 'Check the network of the host and ANTHROPIC_BASE_URL; the request is worth trying again.',
  });
