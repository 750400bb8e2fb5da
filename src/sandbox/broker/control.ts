/** `broker.sock`: the worker opens and closes endpoints here, the server hands in credentials. Reached by whoever owns the run folder. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { chmodSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import { ZodError } from 'zod';
import { ERROR_KINDS, isTackError, TackError } from '../../domain/errors.ts';
import { Credential, PutEndpoint, type BrokerHealth } from '../../domain/wires/broker.ts';
import type { Credentials } from './credentials.ts';
import type { Endpoints } from './endpoints.ts';

export interface ControlParts {
  readonly endpoints: Endpoints;
  readonly credentials: Credentials;
}

export async function serveControl(socket: string, parts: ControlParts): Promise<Server> {
  if (await answers(socket)) throw new TackError('already_running', `Another broker serves ${socket}.`);
  rmSync(socket, { force: true }); // of a broker that died
  // a worker's connection that says nothing is how it sees us live
  const server = createServer({ headersTimeout: 0, requestTimeout: 0 }, (request, response) => {
    route(parts, request).then(
      (body) => send(response, 200, body),
      (error: unknown) => refuse(response, error),
    );
  });
  server.listen(socket);
  await once(server, 'listening');
  chmodSync(socket, 0o600);
  return server;
}

async function route({ endpoints, credentials }: ControlParts, request: IncomingMessage): Promise<unknown> {
  const { method = '', url = '' } = request;
  const [, session_id] = /^\/endpoints\/(ses_[0-9a-zA-Z]{1,64})$/.exec(url) ?? [];
  if (session_id !== undefined && method === 'PUT')
    return endpoints.put(session_id, PutEndpoint.parse(await json(request)));
  if (session_id !== undefined && method === 'DELETE') return (await endpoints.remove(session_id), {});
  if (url === '/credentials' && method === 'PUT') return credentials.put(Credential.parse(await json(request)));
  if (url === '/credentials' && method === 'GET') return credentials.list();
  if (url === '/health' && method === 'GET') {
    const health: BrokerHealth = {
      ok: true,
      pid: process.pid,
      endpoints: endpoints.count(),
      credentials: [...credentials.list()],
    };
    return health;
  }
  throw new TackError('route_not_found', `The broker has no ${method} ${url.slice(0, 100)}.`);
}

function refuse(response: ServerResponse, error: unknown): void {
  const known = isTackError(error) ? error : faultOf(error);
  const { status, title, way_out, retryable } = ERROR_KINDS[known.code];
  send(response, status, { code: known.code, title, detail: known.message, remediation: way_out, retryable });
}

/** What was sent is not repeated: a secret may be in it. */
function faultOf(error: unknown): TackError {
  if (error instanceof ZodError)
    return new TackError(
      'request_invalid',
      `Wrong fields: ${error.issues.map(({ path }) => path.join('.')).join(', ')}`,
    );
  if (error instanceof SyntaxError) return new TackError('json_invalid', 'The body is not JSON.');
  return new TackError('internal', error instanceof Error ? error.message : 'unknown');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => (probe.destroy(), resolve(true))).once('error', () => resolve(false));
  });
}
