/** Answers one request for a message: what the scenario says, with the trouble it asks for. */
import { render, type Rendered } from './anthropic.ts';
import type { Exchange } from './exchange.ts';
import { lastItem, resultsOf, standingOf, tagsOf, type MessagesRequest } from './messages.ts';
import { credentialHash } from './record.ts';
import { fillCalls } from './fill.ts';
import type { Reply, Trouble } from './reply.ts';
import { replyFor } from './scenario.ts';

export async function answerMessages(exchange: Exchange): Promise<void> {
  const { req, res, body, recorder, gates } = exchange;
  const request = JSON.parse(body) as MessagesRequest;
  const stands = standingOf(request);
  const said = request.tools?.length ? replyFor(stands) : { step: 0, reply: { text: 'A short title' } };
  const standing = { ...stands, step: said.step };
  const reply = fillCalls(said.reply, request);
  const trouble = due(exchange, `${standing.hash}`, reply.trouble);
  const status = trouble?.kind === 'error' ? trouble.status : 200;
  const rendered = render(request, standing, reply);
  const recorded = recorder.add({
    path: req.url ?? '',
    tag: standing.tag?.text ?? null,
    tags: tagsOf(request),
    hash: standing.hash,
    step: standing.step,
    tools: request.tools?.map(({ name }) => name) ?? [],
    last: lastItem(request),
    results: resultsOf(request),
    calls: status === 200 ? rendered.calls : [],
    usage: status === 200 ? rendered.tokens : null,
    credential: credentialHash(req.headers),
    status,
  });
  const gone = new AbortController();
  res.on('close', () => {
    gone.abort();
    recorder.ended(recorded, res.writableFinished ? 'whole' : 'aborted');
  });
  if (trouble?.kind === 'block' && trouble.stage === 'headers') await gates.wait(trouble.gate, gone.signal);
  if (trouble?.kind === 'hold' && trouble.stage === 'headers') await pause(trouble.ms, gone.signal);
  if (gone.signal.aborted) return;
  if (trouble?.kind === 'error') return failed(exchange, trouble);
  if (request.stream === false || request.stream === undefined)
    return void res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(rendered.message));
  await stream(exchange, { rendered, reply, trouble, gone: gone.signal });
}

/** A trouble happens its number of times, counted by tag. */
function due({ troubles }: Exchange, hash: string, trouble: Trouble | undefined): Trouble | undefined {
  if (!trouble || !('times' in trouble)) return trouble;
  const happened = troubles.get(hash) ?? 0;
  troubles.set(hash, happened + 1);
  return happened < trouble.times ? trouble : undefined;
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

function failed({ res }: Exchange, { status, after }: Extract<Trouble, { kind: 'error' }>): void {
  res.writeHead(status, {
    'content-type': 'application/json',
    ...(after !== undefined && { 'retry-after': String(after) }),
  });
  res.end(
    JSON.stringify({
      type: 'error',
      error: { type: ERROR_TYPES[status] ?? 'api_error', message: `scripted ${status}` },
    }),
  );
}

/** A connection that is cut takes along what is still on its way. */
const ARRIVES_MS = 50;

interface Sending {
  readonly rendered: Rendered;
  readonly reply: Reply;
  readonly trouble: Trouble | undefined;
  readonly gone: AbortSignal;
}

async function stream({ res, gates }: Exchange, { rendered, reply, trouble, gone }: Sending): Promise<void> {
  const middle = Math.ceil(rendered.events.length / 2);
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (event: Readonly<Record<string, unknown>>) =>
    res.write(`event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`);
  for (const [n, event] of rendered.events.entries()) {
    if (trouble?.kind === 'block' && trouble.stage === 'stream' && n === middle) await gates.wait(trouble.gate, gone);
    if (gone.aborted) return;
    if (trouble?.kind === 'cut' && n === trouble.chunks) {
      await pause(ARRIVES_MS, gone);
      return void res.destroy();
    }
    if (trouble?.kind === 'stream_error' && n === 1)
      return (send({ type: 'error', error: { type: 'overloaded_error', message: 'scripted' } }), void res.end());
    send(event);
    if (n === 0 && trouble?.kind === 'hold' && trouble.stage === 'first') await pause(trouble.ms, gone);
    if (n === 0 && trouble?.kind === 'hold' && trouble.stage === 'ping') await pings(send, trouble.ms, gone);
    if (reply.slow_ms !== undefined && event['type'] === 'content_block_delta') await pause(reply.slow_ms, gone);
  }
  res.end();
}

async function pings(
  send: (event: Readonly<Record<string, unknown>>) => void,
  ms: number,
  gone: AbortSignal,
): Promise<void> {
  for (let left = ms; left > 0 && !gone.aborted; left -= 1000) {
    send({ type: 'ping' });
    await pause(Math.min(left, 1000), gone);
  }
}

function pause(ms: number, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    gone.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
