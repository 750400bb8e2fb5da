/** What the server is, what it can run, and what the broker holds. */
import { TackError } from '../../../domain/errors.ts';
import type { Handlers } from '../handler.ts';
import type { ServerParts } from '../parts.ts';
import { pageOf } from '../view/page.ts';

type Rows = Pick<Handlers, 'health' | 'info' | 'harnesses' | 'agents' | 'credentials'>;

/** What a client may rely on, besides the routes. */
const FEATURES = ['approvals', 'events.resume', 'git', 'grants', 'queue', 'steer', 'wait'];

export function infoHandlers(parts: ServerParts, document: () => Record<string, unknown>): Rows {
  const { about, catalog, credentials, engine, projections, roles } = parts;
  return {
    health: {
      live: async () => ({ ok: true }),
      async ready() {
        await projections.sessions({ limit: 1 });
        if (!(await engine.isReady())) throw new TackError('engine_unavailable', 'The engine does not answer yet.');
        return { ok: true };
      },
    },
    info: {
      async show() {
        const [seen, held] = await Promise.all([roles(), credentials.held()]);
        const itself = { role: 'server' as const, ok: true, detail: `pid ${process.pid}` };
        return {
          object: 'info',
          version: about.version,
          api: 'v1',
          features: FEATURES,
          data_folder: about.data_folder,
          pid: process.pid,
          roles: [itself, ...seen],
          credentials: [...(held ?? [])],
        };
      },
      openapi: async () => document(),
    },
    harnesses: { list: async ({ query }) => pageOf(await catalog.harnesses(), ({ id }) => id, query) },
    agents: {
      list: async ({ query }) =>
        pageOf(
          (await catalog.agents()).map((config) => ({ object: 'agent' as const, id: config.name, config })),
          ({ id }) => id,
          query,
        ),
    },
    credentials: { put: async ({ body }) => ({ object: 'credential', ...(await credentials.put(body)) }) },
  };
}
