/** Makes a Fastify route of each row of the contract table. There is no other way to a route. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Via } from '../../domain/actor.ts';
import { ALL_ROUTES, type Routes } from '../contract/routes.ts';
import type { Route } from '../contract/route.ts';
import type { Call, Handler, Handlers } from './handler.ts';
import type { Hold } from './hold.ts';
import { createOnce, keyOf, type Once } from './idempotency.ts';
import type { ServerParts } from './parts.ts';

/** Answers that are no JSON of ours: SSE, git, the reader. */
export type RawHandler = (request: FastifyRequest, reply: FastifyReply, signal: AbortSignal) => Promise<unknown>;
export type RawHandlers = Readonly<
  Record<'sessions.stream' | `git.${keyof Routes['git']}` | `docs.${keyof Routes['docs']}`, RawHandler>
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    row?: Route;
  }
}

export interface Registration {
  readonly parts: ServerParts;
  readonly handlers: Handlers;
  readonly hold: Hold;
  readonly raw: RawHandlers;
  /** Aborted when the server ends. */
  readonly closing: AbortSignal;
}

export function registerRoutes(app: FastifyInstance, registration: Registration): void {
  const once = createOnce(registration.parts);
  for (const [name, row] of ALL_ROUTES) {
    app.route({
      method: row.method,
      url: row.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      config: { row },
      schema: {
        operationId: name,
        tags: [name.split('.')[0]!],
        summary: row.summary,
        ...(row.params && { params: row.params }),
        ...(row.query && { querystring: row.query }),
        ...(row.body && { body: row.body }),
        ...(row.form === 'json' && { response: { [row.status]: row.answer } }),
      },
      // a body that may be empty is one without fields
      preValidation: async (request) => void (row.body && (request.body ??= {})),
      handler:
        row.form === 'json'
          ? jsonHandler(name, row, { ...registration, once })
          : rawHandler(name as keyof RawHandlers, registration),
    });
  }
}

function jsonHandler(
  name: string,
  row: Route,
  { parts, handlers, hold, once, closing }: Registration & { readonly once: Once },
) {
  const [group, verb] = name.split('.') as [string, string];
  const handle = (handlers as unknown as Record<string, Record<string, Handler<Route>>>)[group]![verb]!;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const key = row.method === 'POST' ? keyOf(request.headers['idempotency-key']) : null;
    const signal = AbortSignal.any([closing, goneSignal(reply)]);
    const act = async () => ({
      status: row.status,
      body: await handle({
        params: request.params,
        query: request.query,
        body: request.body,
        key: key ?? request.id,
        actor: parts.actor,
        via: viaOf(request),
        signal,
      } as Call),
    });
    const answer = await once({ key, method: row.method, path: request.url.split('?')[0]!, body: request.body }, act);
    if (answer.replayed) reply.header('idempotency-replayed', 'true');
    return reply.code(answer.status).send(await hold(name, answer.body, { query: request.query, signal }));
  };
}

function rawHandler(name: keyof RawHandlers, { raw, closing }: Registration) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> =>
    raw[name](request, reply, AbortSignal.any([closing, goneSignal(reply)]));
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

const SURFACES: readonly Via[] = ['cli', 'web', 'tui', 'api'];
/** A caller may name its own surface; it gains nothing by that. */
function viaOf(request: FastifyRequest): Via {
  const said = Via.safeParse(request.headers['tack-via']);
  return said.success && SURFACES.includes(said.data) ? said.data : 'api';
}
