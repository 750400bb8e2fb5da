/** The way to the model: TLS, kept connections, no redirect, no other host than the credential's. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { getCACertificates } from 'node:tls';
import type { BoundCredential } from './credentials.ts';
import { credentialHeader } from './headers.ts';

/** Where a session's requests go: with a credential to its own place, without one to where the worker said. */
export type Target = { readonly base: URL } & Partial<Pick<BoundCredential, 'kind' | 'secret' | 'ca'>>;

export interface Sending {
  readonly target: Target;
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

export interface Upstreams {
  /** Resolves with the head of the answer. Rejects when there is none: `maybe_heard` says whether the model may have worked. */
  send(sending: Sending): Promise<IncomingMessage>;
  end(): void;
}

export class NoAnswer extends Error {
  readonly maybe_heard: boolean;
  constructor(cause: NodeJS.ErrnoException, maybe_heard: boolean) {
    super(cause.code ?? cause.message, { cause });
    this.maybe_heard = maybe_heard;
  }
}

/** A kept connection that the other end has closed says so within a round trip. */
const STALE_MS = 1_000;
const CONNECT_MS = 15_000;
/** A model that thinks says nothing for minutes; clients give up before. */
const SILENCE_MS = 660_000;

export function createUpstreams(): Upstreams {
  const agents = new Map<string, HttpAgent | HttpsAgent>();
  const agentFor = ({ base, ca }: Target): HttpAgent | HttpsAgent => {
    const key = `${base.origin} ${ca ?? ''}`;
    const found = agents.get(key) ?? newAgent(base, ca);
    agents.set(key, found);
    return found;
  };
  const once = (sending: Sending): Promise<IncomingMessage> => sendOnce(sending, agentFor(sending.target));
  return {
    async send(sending) {
      try {
        return await once(sending);
      } catch (error) {
        // the upstream closed a kept connection in the moment that we took it; every client asks again then
        if (error instanceof NoAnswer && (error.cause as { stale?: boolean }).stale) return once(sending);
        throw error;
      }
    },
    end() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

function newAgent({ protocol }: URL, ca: string | null | undefined): HttpAgent | HttpsAgent {
  const kept = { keepAlive: true, maxFreeSockets: 16, timeout: SILENCE_MS };
  if (protocol === 'http:') return new HttpAgent(kept);
  const roots = ca ? { ca: [...getCACertificates('default'), ca] } : {};
  return new HttpsAgent({ ...kept, ...roots, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] });
}

function sendOnce(
  { target, method, path, headers, body, signal }: Sending,
  agent: HttpAgent | HttpsAgent,
): Promise<IncomingMessage> {
  const { base, kind, secret } = target;
  return new Promise((resolve, reject) => {
    const options = {
      protocol: base.protocol,
      hostname: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port || undefined,
      method,
      path: base.pathname.replace(/\/$/, '') + path,
      headers: {
        ...headers,
        ...(kind && secret !== undefined && credentialHeader(kind, secret)),
        ...(body.length > 0 && { 'content-length': body.length }),
      },
      agent,
      signal,
    };
    const started = performance.now();
    let heard = false;
    const sent = base.protocol === 'https:' ? httpsRequest(options, resolve) : httpRequest(options, resolve);
    const slow = setTimeout(() => sent.destroy(new Error('no connection in time')), CONNECT_MS);
    const connected = () => (clearTimeout(slow), (heard = true));
    sent.once('socket', (socket) => {
      if (!socket.connecting) connected();
      else socket.once(base.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
    });
    sent.once('timeout', () => sent.destroy(new Error('silence')));
    sent.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(slow);
      const at_once = performance.now() - started < STALE_MS;
      const stale = at_once && sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(new NoAnswer(Object.assign(error, { stale }), heard));
    });
    sent.end(body);
  });
}
