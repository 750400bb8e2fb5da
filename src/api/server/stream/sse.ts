/** One SSE connection: ids on durable events only, a bounded buffer, a heartbeat. */
import type { ServerResponse } from 'node:http';
import type { Envelope, Frame } from '../../../domain/events/envelope.ts';

export interface SseLimits {
  readonly heartbeat_ms: number;
  /** More than this unsent: the client is too slow, and is closed; it resumes. */
  readonly client_buffer_bytes: number;
  /** A client that takes nothing for so long is closed. */
  readonly stalled_after_ms: number;
}

export interface SseConnection {
  event(event: Envelope): void;
  frame(frame: Frame): void;
  /** Resolves when the client took what was written; closes the connection when it does not in time. */
  drained(): Promise<void>;
  end(): void;
  /** Closes at once what is too slow: the client comes again and resumes. */
  cut(): void;
}

/** How long a client waits before it comes again (ms). */
const RETRY_MS = 500;

/** Opens the stream on a response that Fastify handed over. */
export function openSse(response: ServerResponse, limits: SseLimits): SseConnection {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    connection: 'keep-alive',
  });
  response.socket?.setNoDelay(true);
  response.write(`retry: ${RETRY_MS}\n\n`);

  const write = (text: string): void => {
    if (response.destroyed) return;
    response.write(text);
    if (response.writableLength > limits.client_buffer_bytes) response.destroy();
  };
  const frame = (data: Frame): void => write(`data: ${JSON.stringify(data)}\n\n`);
  /** What is shown at once to whoever joins may be more than the buffer: cut off there, it would come again for ever. */
  const snapshot = (data: Frame): void =>
    void (response.destroyed || response.write(`data: ${JSON.stringify(data)}\n\n`));
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) frame({ type: 'heartbeat' });
  }, limits.heartbeat_ms);
  response.once('close', () => clearInterval(heartbeat));

  return {
    frame: (data) => (data.type === 'item.snapshot' ? snapshot(data) : frame(data)),
    event(event) {
      if (!response.destroyed) response.write(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
    },
    async drained() {
      if (!response.writableNeedDrain || response.destroyed) return;
      await new Promise<void>((resolve) => {
        const stalled = setTimeout(() => response.destroy(), limits.stalled_after_ms);
        const done = (): void => {
          clearTimeout(stalled);
          response.off('drain', done).off('close', done);
          resolve();
        };
        response.on('drain', done).on('close', done);
      });
    },
    end: () => void (response.destroyed || response.end()),
    cut: () => void response.destroy(),
  };
}
