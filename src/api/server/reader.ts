/** The reader of the contract at /docs. Its script has 5 MB: it is loaded when somebody opens the page, and kept then. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { DOCS_FILES } from '../contract/docs-routes.ts';
import type { RawHandler, RawHandlers } from './register.ts';

type File = (typeof DOCS_FILES)[number];

/** Nothing of the page may come from elsewhere, or go there, whatever the script of somebody else would like. */
const CONTENT_SECURITY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `document` makes the OpenAPI document. */
export function readerHandlers(document: () => Record<string, unknown>): Pick<RawHandlers, `docs.${'page' | 'file'}`> {
  let opened: Promise<FastifyInstance> | null = null;
  const fromReader = async (url: string): Promise<string> => (await (await (opened ??= openReader())).inject(url)).body;

  const page: RawHandler = async (_request, reply) =>
    reply
      .header('content-security-policy', CONTENT_SECURITY)
      .header('referrer-policy', 'no-referrer')
      .type('text/html; charset=utf-8')
      .send(await fromReader('/'));
  const file: RawHandler = async (request, reply) => {
    const { file: name } = request.params as { readonly file: File };
    switch (name) {
      case 'scalar.js':
        return reply.type('text/javascript; charset=utf-8').send(await fromReader('/js/scalar.js'));
      case 'openapi.json':
        return reply.type('application/json').send(document());
    }
  };
  return { 'docs.page': page, 'docs.file': file };
}

/** A Fastify of its own, which listens nowhere: the plugin's routes are none of ours. */
async function openReader(): Promise<FastifyInstance> {
  const { default: reference } = await import('@scalar/fastify-api-reference');
  const reader = Fastify();
  await reader.register(reference, {
    routePrefix: '/',
    configuration: {
      pageTitle: 'Tackroom API',
      url: '/docs/openapi.json',
      cdn: '/docs/scalar.js',
      telemetry: false,
      withDefaultFonts: false,
      showDeveloperTools: 'never',
      hideClientButton: true,
      persistAuth: false,
      defaultOpenAllTags: true,
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
  return reader;
}
