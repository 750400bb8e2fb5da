/** Following a log over SSE: reconnects by `Last-Event-ID`, drops what came before, and tells how the connection fares. */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { isTackError } from '../../domain/errors.ts';
import type { Envelope, Frame } from '../../domain/events/envelope.ts';
import { refusalOf, type Send } from './sender.ts';

export interface FollowOptions {
  /** Only events with a greater seq; 0 by default. */
  readonly after?: number;
  readonly signal?: AbortSignal;
  /** False: no text deltas. */
  readonly deltas?: boolean;
  readonly types?: readonly string[];
  /** Silence after which the connection counts as dead (ms). */
  readonly stale_after_ms?: number;
  /** The longest wait between two tries (ms). */
  readonly longest_wait_ms?: number;
}

/** What the follower yields: durable events, transient frames, and changes of the connection. */
export type Followed =
  | { readonly kind: 'event'; readonly event: Envelope }
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'connection'; readonly state: 'open' }
  | {
      readonly kind: 'connection';
      readonly state: 'lost';
      readonly tries: number;
      readonly wait_ms: number;
      readonly reason: string;
    };

const STALE_AFTER_MS = 90_000;
const LONGEST_WAIT_MS = 3_000;

/** Ends when `signal` is aborted; throws what another try would not mend (wrong token, no such session). */
export async function* followEvents(send: Send, path: string, options: FollowOptions): AsyncGenerator<Followed> {
  const { signal = new AbortController().signal, longest_wait_ms = LONGEST_WAIT_MS } = options;
  let last = options.after ?? 0;
  let tries = 0;
  while (!signal.aborted) {
    let reason = 'the server ended the stream';
    try {
      for await (const heard of connection(send, pathWith(path, last, options), last, options)) {
        if (heard.kind === 'event') {
          if (heard.event.seq <= last) continue;
          if (!options.types && heard.event.seq !== last + 1)
            throw new Error(`event ${last + 1} is missing before ${heard.event.seq}`);
          last = heard.event.seq;
        }
        if (heard.kind !== 'connection') tries = 0;
        yield heard;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isTackError(error) && isFinal(error.data?.['status'])) throw error;
      reason = error instanceof Error ? error.message : String(error);
    }
    if (signal.aborted) return;
    tries += 1;
    const wait_ms = Math.min(50 * 2 ** (tries - 1), longest_wait_ms);
    yield { kind: 'connection', state: 'lost', tries, wait_ms, reason };
    await pause(wait_ms, signal);
  }
}

/** One connection: ends with the stream, throws when it is cut, silent for too long, or refused. */
async function* connection(send: Send, path: string, last: number, options: FollowOptions): AsyncGenerator<Followed> {
  const dead = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, dead.signal]) : dead.signal;
  const stale = watchdog(options.stale_after_ms ?? STALE_AFTER_MS, () => dead.abort(new Error('the stream is silent')));
  try {
    const response = await send(path, {
      method: 'GET',
      headers: { accept: 'text/event-stream', ...(last > 0 && { 'last-event-id': String(last) }) },
      signal,
    });
    if (!response.ok || !response.body) throw await refusalOf(response);
    yield { kind: 'connection', state: 'open' };
    const messages = response.body
      .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
      .pipeThrough(new EventSourceParserStream());
    for await (const message of messages) {
      stale.touch();
      yield message.id === undefined
        ? { kind: 'frame', frame: JSON.parse(message.data) as Frame }
        : { kind: 'event', event: JSON.parse(message.data) as Envelope };
    }
  } finally {
    stale.stop();
    dead.abort();
  }
}

const pathWith = (path: string, after: number, { deltas = true, types }: FollowOptions): string =>
  `${path}?${new URLSearchParams({ after: String(after), ...(!deltas && { deltas: '0' }), ...(types && { types: types.join(',') }) })}`;

/** A 4xx stays a 4xx, except for a server that asks for patience. */
const isFinal = (status: unknown): boolean =>
  typeof status === 'number' && status >= 400 && status < 500 && status !== 429;

function watchdog(after_ms: number, bark: () => void): { touch(): void; stop(): void } {
  let timer = setTimeout(bark, after_ms);
  return {
    touch() {
      clearTimeout(timer);
      timer = setTimeout(bark, after_ms);
    },
    stop: () => clearTimeout(timer),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
