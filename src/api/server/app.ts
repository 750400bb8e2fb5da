/** The API as an HTTP server: the contract table, behind the token. */
import { randomUUID } from 'node:crypto';
import swagger from '@fastify/swagger';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject, serializerCompiler } from 'fastify-type-provider-zod';
import { TackError } from '../../domain/errors.ts';
import { problemOf } from '../contract/problem.ts';
import { asBearer, requireLocal, requireToken } from './auth.ts';
import { failureOf } from './failure.ts';
import { gitHandlers } from './git.ts';
import { createHandlers } from './handlers/index.ts';
import { createHold } from './hold.ts';
import { takeJson } from './json-body.ts';
import { infoOf, SECURITY_SCHEMES, wholeDocument } from './openapi/document.ts';
import type { ServerParts } from './parts.ts';
import { readerHandlers } from './reader.ts';
import { registerRoutes } from './register.ts';
import { streamHandler } from './stream/handler.ts';
import { validatorCompiler } from './validation.ts';

/** Makes the server; the caller listens and closes. Closing ends every stream and every held answer first. */
export async function createApp(parts: ServerParts): Promise<FastifyInstance> {
  const closing = new AbortController();
  const app = Fastify({
    loggerInstance: parts.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    exposeHeadRoutes: false,
    bodyLimit: parts.limits.body_bytes,
    genReqId: () => `req_${randomUUID().replaceAll('-', '')}`,
    frameworkErrors: (error, request, reply) => void refuse(request, reply, failureOf(error)),
    // a large push may take long; what is silent for longer than this is gone
    requestTimeout: 0,
    keepAliveTimeout: 72_000,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addContentTypeParser(/^application\/x-git-(receive|upload)-pack-request$/, (_request, payload, done) =>
    done(null, payload),
  );
  app.removeContentTypeParser('text/plain');
  takeJson(app);

  app.addHook('onRequest', async (request, reply) => {
    reply
      .header('x-request-id', request.id)
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff');
    requireLocal(request.headers);
    const { row } = request.routeOptions.config;
    const { authorization } = request.headers;
    if (row?.auth !== false) requireToken(row?.form === 'page' ? asBearer(authorization) : authorization, parts.token);
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        ...sessionIn(request.params),
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        took_ms: Math.round(reply.elapsedTime),
      },
      'http.answered',
    );
  });
  app.addHook('preClose', async () => closing.abort());
  app.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error);
    if (failure.code === 'internal') request.log.error({ err: error }, 'http.failed');
    return refuse(request, reply, failure);
  });
  app.setNotFoundHandler((request, reply) =>
    refuse(
      request,
      reply,
      new TackError('route_not_found', `There is no ${request.method} ${request.url.split('?')[0]}.`),
    ),
  );

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: infoOf(parts.about.version),
      security: [{ token: [] }],
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  const document = () => wholeDocument(app.swagger() as unknown as Record<string, unknown>);
  registerRoutes(app, {
    parts,
    handlers: createHandlers(parts, document),
    hold: createHold(parts),
    raw: { 'sessions.stream': streamHandler(parts), ...gitHandlers(parts), ...readerHandlers(document) },
    closing: closing.signal,
  });
  await app.ready();
  return app;
}

/** A browser shows this beside the fields of name and password. */
const ASKS_FOR_TOKEN =
  'Basic realm="Tackroom: any name, and the token of the data folder as password", charset="UTF-8"';

/** git prints plain text, and asks for a name on a 401. */
function refuse(request: FastifyRequest, reply: FastifyReply, failure: TackError): FastifyReply {
  const problem = problemOf(failure, { instance: request.url.split('?')[0] ?? '/', request_id: request.id });
  if (request.url.startsWith('/git/')) {
    const status = problem.status === 401 ? 403 : problem.status;
    return reply
      .code(status)
      .type('text/plain; charset=utf-8')
      .send(`tack: ${problem.detail}\n${problem.remediation}\n`);
  }
  const isPage = request.routeOptions.config.row?.form === 'page';
  if (problem.status === 401) reply.header('www-authenticate', isPage ? ASKS_FOR_TOKEN : 'Bearer');
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** For whoever looks for the requests of one session. */
function sessionIn(params: unknown): { readonly session_id?: string } {
  const { session_id } = (params ?? {}) as { readonly session_id?: unknown };
  return typeof session_id === 'string' ? { session_id } : {};
}
