/** The worker's end of `broker.sock`. One idle connection says whether the broker lives; a new broker hears of every endpoint again. */
import { connect, type Socket } from 'node:net';
import type { Endpoints, EndpointWish } from '../activities/ports.ts';
import { askSocket, type Asking } from '../ask-socket.ts';
import { TackError } from '../domain/errors.ts';
import { brokerRefusal, EndpointAnswer, type PutEndpoint } from '../domain/wires/broker.ts';

export interface BrokerLinkOptions {
  readonly socket: string;
  /** What the broker is told about a session's endpoint. */
  readonly describe: (wish: EndpointWish) => PutEndpoint;
  /** How long a broker that does not answer is waited for. */
  readonly patience_ms?: number;
}

const RETRY_MS = 20;
const WITHIN_MS = 5_000;

export function linkBroker({ socket, describe, patience_ms = 15_000 }: BrokerLinkOptions): Endpoints & { end(): void } {
  const endpoints = new Map<string, PutEndpoint>();
  let idle: Socket | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isOver = false;
  const ask = (asking: Pick<Asking, 'method' | 'path' | 'body'>) =>
    askSocket({ socket, within_ms: WITHIN_MS, ...asking });

  watch();

  /** The connection carries nothing: its end is the news. */
  function watch(): void {
    idle = connect(socket);
    idle.once('connect', announceAll);
    idle.on('error', () => undefined); // 'close' follows
    idle.once('close', () => {
      if (!isOver) retry = setTimeout(watch, RETRY_MS);
    });
  }

  function announceAll(): void {
    for (const [session_id, endpoint] of endpoints) put(session_id, endpoint).catch(() => undefined); // it died again: the next connection announces it
  }

  async function put(session_id: string, endpoint: PutEndpoint): Promise<{ readonly dir: string }> {
    const { status, text } = await ask({ method: 'PUT', path: `/endpoints/${session_id}`, body: endpoint });
    if (status === 200 || status === 201) return EndpointAnswer.parse(JSON.parse(text));
    throw brokerRefusal(status, text);
  }

  return {
    async open(session_id, wish) {
      const endpoint = describe(wish);
      const deadline = performance.now() + patience_ms;
      for (;;)
        try {
          const opened = await put(session_id, endpoint);
          endpoints.set(session_id, endpoint);
          return opened;
        } catch (error) {
          if (error instanceof TackError) throw error;
          if (performance.now() > deadline)
            throw new TackError('broker_unavailable', `The broker does not answer: ${String(error)}`, { cause: error });
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
    },
    async close(session_id) {
      endpoints.delete(session_id);
      await ask({ method: 'DELETE', path: `/endpoints/${session_id}` }).catch(() => undefined); // a broker that died has no endpoint
    },
    end() {
      isOver = true;
      clearTimeout(retry);
      idle?.destroy();
    },
  };
}
