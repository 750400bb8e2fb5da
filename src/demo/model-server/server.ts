/** The scripted model server: the real command lines run against it, offline. It keeps nothing but its record and its gates. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerMessages } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { createGates } from './gates.ts';
import { createRecorder, type RecordedRequest } from './record.ts';

export interface ModelServerOptions {
  readonly port?: number;
  /** Every request is a line of this file. */
  readonly record_file?: string;
  /** Keeps whole requests, for tests that look into them. */
  readonly keep_bodies?: boolean;
}

export interface ModelServer {
  readonly url: string;
  requests(): readonly RecordedRequest[];
  /** The requests for a message as they came, when they are kept. */
  bodies(): readonly string[];
  /** What else was asked for: method and path. */
  strays(): readonly string[];
  /** Resolves when requests have come to this gate (`[[block {"gate": …}]]`) this often. */
  reached(gate: string, times?: number): Promise<void>;
  release(gate: string): void;
  /** Closes it again for the requests to come. */
  shut(gate: string): void;
  close(): Promise<void>;
}

export async function startModelServer({
  port = 0,
  record_file,
  keep_bodies = false,
}: ModelServerOptions = {}): Promise<ModelServer> {
  const recorder = createRecorder(record_file ?? null);
  const gates = createGates();
  const troubles = new Map<string, number>();
  const bodies: string[] = [];
  const strays: string[] = [];
  const server = createServer((req, res) => {
    readBody(req)
      .then((body) => {
        const isMessage = req.method === 'POST' && req.url?.startsWith('/v1/messages');
        if (!isMessage && !req.url?.startsWith('/control/')) strays.push(`${req.method} ${req.url}`);
        if (isMessage && keep_bodies) bodies.push(body);
        return route({ req, res, body, recorder, gates, troubles });
      })
      .catch(() => res.destroy());
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => recorder.requests,
    bodies: () => bodies,
    strays: () => strays,
    reached: gates.reached,
    release: gates.release,
    shut: gates.shut,
    close: () => closeServer(server),
  };
}

async function route(exchange: Exchange): Promise<void> {
  const { req, res, recorder, gates } = exchange;
  const { pathname: path, searchParams } = new URL(req.url ?? '/', 'http://model');
  const json = (body: unknown, status = 200) =>
    void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (req.method === 'POST' && path === '/v1/messages') return answerMessages(exchange);
  if (req.method === 'POST' && path === '/v1/messages/count_tokens') return json({ input_tokens: 1000 });
  if (path === '/v1/models')
    return json({ data: [{ type: 'model', id: 'claude-sonnet-4-5', display_name: 'Scripted' }], has_more: false });
  if (req.method === 'HEAD' || path === '/') return void res.writeHead(200).end();
  // for tests in other processes
  if (path === '/control/requests') return json(recorder.requests);
  if (path.startsWith('/control/reached/'))
    return (await gates.reached(path.slice(17), Number(searchParams.get('times') ?? 1)), json({}));
  if (path.startsWith('/control/release/')) return (gates.release(path.slice(17)), json({}));
  return json({ type: 'error', error: { type: 'not_found_error', message: `No route ${req.method} ${path}` } }, 404);
}

function readBody(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    req
      .on('data', (part: Buffer) => parts.push(part))
      .on('error', reject)
      .on('end', () => resolve(Buffer.concat(parts).toString()));
  });
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
