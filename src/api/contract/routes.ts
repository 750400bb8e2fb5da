/** The contract table: the routes, OpenAPI and the typed client are made of it. A route that is not here does not exist. */
import { z } from 'zod';
import { APPROVAL_ROUTES, GRANT_ROUTES } from './approval-routes.ts';
import { DOCS_ROUTES } from './docs-routes.ts';
import { GIT_ROUTES } from './git-routes.ts';
import { HarnessInfo, HeldCredential, Info, ListedAgent, PutCredential } from './info.ts';
import { listOf, paged } from './list.ts';
import { route, type Route } from './route.ts';
import { RoomState } from './state.ts';
import { SESSION_ROUTES } from './session-routes.ts';

const Health = z.object({ ok: z.literal(true) });

export const ROUTES = {
  health: {
    live: route({ method: 'GET', path: '/healthz', summary: 'Is the server alive?', auth: false, answer: Health }),
    ready: route({
      method: 'GET',
      path: '/readyz',
      summary: 'Can it do its work: store and engine?',
      auth: false,
      answer: Health,
      errors: ['engine_unavailable'],
    }),
  },
  info: {
    show: route({
      method: 'GET',
      path: '/v1/info',
      summary: 'Version, features, roles, credentials (never a secret).',
      answer: Info,
    }),
    openapi: route({
      method: 'GET',
      path: '/openapi.json',
      summary: 'This contract as OpenAPI 3.1.',
      answer: z.record(z.string(), z.unknown()),
    }),
  },
  state: {
    show: route({
      method: 'GET',
      path: '/v1/state',
      summary: 'The room as an operator sees it: what waits, how long, and what is stuck.',
      answer: RoomState,
    }),
  },
  sessions: SESSION_ROUTES,
  approvals: APPROVAL_ROUTES,
  grants: GRANT_ROUTES,
  harnesses: {
    list: route({
      method: 'GET',
      path: '/v1/harnesses',
      summary: 'Harnesses: found or not, and why.',
      query: z.strictObject(paged('asc')),
      answer: listOf(HarnessInfo),
    }),
  },
  agents: {
    list: route({
      method: 'GET',
      path: '/v1/agents',
      summary: 'Agents that can be named.',
      query: z.strictObject(paged('asc')),
      answer: listOf(ListedAgent),
    }),
  },
  credentials: {
    put: route({
      method: 'PUT',
      path: '/v1/credentials',
      summary: 'Hand a credential to the broker: memory only.',
      body: PutCredential,
      answer: HeldCredential,
      errors: ['broker_unavailable'],
    }),
  },
  docs: DOCS_ROUTES,
  git: GIT_ROUTES,
} as const satisfies Record<string, Record<string, Route>>;
export type Routes = typeof ROUTES;

/** Every row, flat, with its name (`sessions.create`). */
export const ALL_ROUTES: readonly (readonly [name: string, row: Route])[] = Object.entries(ROUTES).flatMap(
  ([group, rows]) =>
    Object.entries(rows as Record<string, Route>).map(([name, row]) => [`${group}.${name}`, row] as const),
);
