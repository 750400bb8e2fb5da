/** One session's way to its model: a socket that stands for it, and nothing else of HTTP than requests. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { join } from 'node:path';
import type { PutEndpoint } from '../../domain/wires/broker.ts';
import { atMost } from './at-most.ts';
import { upstreamUrl, type Credentials } from './credentials.ts';
import { rawDenial, refusal, type Denial } from './denial.ts';
import { endpointFolder, type FolderPlace } from './endpoint-folder.ts';
import { carry } from './exchange.ts';
import { linkJudge } from './judge-link.ts';
import type { BrokerLog } from './log.ts';
import type { Target, Upstreams } from './upstream.ts';

export interface EndpointParts extends FolderPlace {
  readonly credentials: Credentials;
  readonly upstreams: Upstreams;
  readonly log: BrokerLog;
}

export interface Endpoint {
  readonly dir: string;
  readonly epoch: number;
  /** The same attempt announces itself again. */
  announce(put: PutEndpoint): void;
  /** Cuts what is in flight, tells what it cost, and takes the folder away unless it is to be found again. */
  close(folder: 'remove' | 'keep'): Promise<void>;
}

const LIMITS = {
  requestTimeout: 120_000,
  headersTimeout: 30_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 65_536,
  requireHostHeader: false, // looked at in the route
} as const;
const CONNECTIONS = 64;
const LAST_WORDS_MS = 3_000;

export async function openEndpoint(parts: EndpointParts, session_id: string, first: PutEndpoint): Promise<Endpoint> {
  const { credentials, upstreams, log } = parts;
  let now = first;
  const judge = linkJudge(join(parts.run_folder, first.judge));
  const memory = { bytes: 0 };
  const in_flight = new Set<Promise<void>>();

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    response.on('error', () => undefined); // its 'close' says that the client is gone
    const { epoch, turn_id } = now;
    const target = () => targetOf(now, credentials);
    const carried = carry(
      { session_id, epoch, turn_id, judge, upstreams, target, memory, log },
      request,
      response,
    ).catch((err: unknown) => {
      log.warn({ session_id, err: String(err) }, 'request.failed');
      response.destroy();
    });
    in_flight.add(carried);
    void carried.then(() => in_flight.delete(carried));
  };
  const refuse = (socket: Duplex, denial: Denial): void => {
    log.warn({ session_id, rule: denial.rule, status: denial.status }, 'request.refused');
    socket.on('error', () => undefined);
    socket.end(rawDenial(denial));
  };

  const folder = endpointFolder(parts, session_id);
  const server = createServer(LIMITS, handle)
    .on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      response.writeContinue();
      handle(request, response);
    })
    .on('connect', (_request, socket) => refuse(socket, NO_TUNNEL))
    .on('upgrade', (_request, socket) => refuse(socket, NO_TUNNEL))
    .on('clientError', (_error, socket) => (socket.writable ? refuse(socket, MALFORMED) : socket.destroy()));
  server.maxConnections = CONNECTIONS;
  server.listen(folder.socket);
  await once(server, 'listening');
  folder.open();

  return {
    dir: folder.dir,
    get epoch() {
      return now.epoch;
    },
    announce: (put) => void (now = put),
    async close(what) {
      server.close();
      server.closeAllConnections();
      await atMost(Promise.allSettled(in_flight), LAST_WORDS_MS);
      judge.end();
      if (what === 'remove') folder.remove();
    },
  };
}

/** Throws `credential_missing`. */
export function targetOf({ upstreams }: PutEndpoint, credentials: Credentials): Target {
  const { base_url = '', credential_ref = null } = upstreams.find(({ name }) => name === 'model') ?? {};
  return credential_ref === null ? { base: upstreamUrl(base_url, 'the worker') } : credentials.find(credential_ref);
}

const NO_TUNNEL = refusal('model-endpoint-only', 'Tunnels and other protocols are not carried.');
const MALFORMED = refusal('malformed-request', 'This is not a request that can be read in one way only.', {
  status: 400,
  way_out: 'Send one plain HTTP/1.1 request.',
});
