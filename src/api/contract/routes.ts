/** The contract table: the routes, OpenAPI and the typed client are made of it. A route that is not here does not exist. */
import { z } from 'zod';
import { DecisionBody } from '../../domain/approval/schema.ts';
import { idSchema } from '../../domain/id-schema.ts';
import { Envelope } from '../../domain/events/envelope.ts';
import { APPROVAL_STATUSES, Approval, Decided, ListedGrant } from './approval.ts';
import { HarnessInfo, HeldCredential, Info, ListedAgent, PutCredential } from './info.ts';
import { afterSeq, cursor, limit, listOf, wait } from './list.ts';
import { route, type Route } from './route.ts';
import { CreateSession, SESSION_STATUSES, Session, StartedSession, StopRequest, WorkReport } from './session.ts';
import { QueueItem, SendMessage, SentMessage, Turn } from './turn.ts';

const session = z.strictObject({ session_id: z.string().min(1).max(100) });
const approval = z.strictObject({ approval_id: z.string().min(1).max(100) });
const project = z.strictObject({ project_id: idSchema('project') });
const GIT_SERVICES = ['git-receive-pack', 'git-upload-pack'] as const;
const Health = z.object({ ok: z.literal(true) });
const types = z.string().max(1000).optional().describe('Types of events, separated by commas.');

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
  sessions: {
    create: route({
      method: 'POST',
      path: '/v1/sessions',
      summary: 'Record a session and, with `input`, start it.',
      status: 202,
      query: z.strictObject({ wait }),
      body: CreateSession,
      answer: StartedSession,
      errors: [
        'agent_not_found',
        'harness_unknown',
        'harness_unavailable',
        'sandbox_unavailable',
        'policy_unenforceable',
        'project_not_found',
        'content_too_large',
        'session_closed',
        'queue_full',
        'idempotency_mismatch',
        'engine_unavailable',
      ],
    }),
    list: route({
      method: 'GET',
      path: '/v1/sessions',
      summary: 'Sessions, newest first.',
      query: z.strictObject({
        status: z.enum(SESSION_STATUSES).optional(),
        project_id: z.string().optional(),
        after: cursor,
        limit,
      }),
      answer: listOf(Session),
    }),
    show: route({
      method: 'GET',
      path: '/v1/sessions/{session_id}',
      summary: 'One session.',
      params: session,
      answer: Session,
      errors: ['session_not_found'],
    }),
    send: route({
      method: 'POST',
      path: '/v1/sessions/{session_id}/messages',
      summary: 'Say something to a session.',
      status: 202,
      params: session,
      query: z.strictObject({ wait }),
      body: SendMessage,
      answer: SentMessage,
      errors: [
        'session_not_found',
        'session_closed',
        'queue_full',
        'content_too_large',
        'idempotency_mismatch',
        'engine_unavailable',
      ],
    }),
    queue: route({
      method: 'GET',
      path: '/v1/sessions/{session_id}/queue',
      summary: 'Messages that wait for their turn.',
      params: session,
      answer: listOf(QueueItem),
      errors: ['session_not_found'],
    }),
    turns: route({
      method: 'GET',
      path: '/v1/sessions/{session_id}/turns',
      summary: 'Turns, oldest first.',
      params: session,
      query: z.strictObject({ after: cursor, limit }),
      answer: listOf(Turn),
      errors: ['session_not_found'],
    }),
    events: route({
      method: 'GET',
      path: '/v1/sessions/{session_id}/events',
      summary: 'The durable log, in order.',
      params: session,
      query: z.strictObject({ after: afterSeq, types, limit }),
      answer: listOf(Envelope),
      errors: ['session_not_found'],
    }),
    stream: route({
      method: 'GET',
      path: '/v1/sessions/{session_id}/events/stream',
      summary: 'The log and what happens now, as SSE; `Last-Event-ID` beats `after`.',
      form: 'stream',
      params: session,
      query: z.strictObject({
        after: afterSeq,
        types,
        deltas: z.enum(['0', '1']).default('1').describe('0: without text deltas.'),
      }),
      answer: z.string(),
      errors: ['session_not_found'],
    }),
    interrupt: route({
      method: 'POST',
      path: '/v1/sessions/{session_id}/interrupt',
      summary: 'End the running turn.',
      status: 202,
      params: session,
      body: StopRequest,
      answer: z.object({ object: z.literal('interrupt'), session_id: z.string(), stopped: z.boolean() }),
      errors: ['session_not_found', 'idempotency_mismatch', 'engine_unavailable'],
    }),
    close: route({
      method: 'POST',
      path: '/v1/sessions/{session_id}/close',
      summary: 'End the session; its log stays.',
      status: 202,
      params: session,
      body: StopRequest,
      answer: z.object({ object: z.literal('close'), session_id: z.string(), closed: z.literal(true) }),
      errors: ['session_not_found', 'idempotency_mismatch', 'engine_unavailable'],
    }),
    noteWork: route({
      method: 'POST',
      path: '/v1/sessions/{session_id}/work',
      summary: 'Report that the work was applied or discarded in the person’s repository.',
      status: 202,
      params: session,
      body: WorkReport,
      answer: z.object({ object: z.literal('work'), session_id: z.string(), noted: z.literal(true) }),
      errors: ['session_not_found', 'session_closed', 'idempotency_mismatch', 'engine_unavailable'],
    }),
  },
  approvals: {
    list: route({
      method: 'GET',
      path: '/v1/approvals',
      summary: 'The inbox.',
      query: z.strictObject({
        status: z.enum(APPROVAL_STATUSES).optional(),
        session_id: z.string().optional(),
        after: cursor,
        limit,
      }),
      answer: listOf(Approval),
    }),
    show: route({
      method: 'GET',
      path: '/v1/approvals/{approval_id}',
      summary: 'One approval. A GET decides nothing.',
      params: approval,
      answer: Approval,
      errors: ['approval_not_found'],
    }),
    decide: route({
      method: 'POST',
      path: '/v1/approvals/{approval_id}/decision',
      summary: 'Answer an approval; the first answer wins.',
      params: approval,
      body: DecisionBody,
      answer: Decided,
      errors: [
        'approval_not_found',
        'approval_already_resolved',
        'approval_expired',
        'digest_mismatch',
        'decision_invalid',
        'not_eligible',
        'idempotency_mismatch',
        'engine_unavailable',
      ],
    }),
    askAgain: route({
      method: 'POST',
      path: '/v1/approvals/{approval_id}/ask-again',
      summary: 'Make a new approval of the same action, when this one has expired.',
      status: 202,
      params: approval,
      body: z.strictObject({}),
      answer: z.object({
        object: z.literal('asked_again'),
        approval_id: z.string().describe('The new one.'),
        session_id: z.string(),
      }),
      errors: [
        'approval_not_found',
        'approval_not_expired',
        'session_closed',
        'idempotency_mismatch',
        'engine_unavailable',
      ],
    }),
  },
  grants: {
    list: route({
      method: 'GET',
      path: '/v1/grants',
      summary: 'Lasting grants of a project.',
      query: z.strictObject({ project_id: z.string().min(1).max(100) }),
      answer: listOf(ListedGrant),
    }),
    revoke: route({
      method: 'DELETE',
      path: '/v1/grants/{grant_id}',
      summary: 'Forget a lasting grant.',
      params: z.strictObject({ grant_id: z.string().min(1).max(100) }),
      answer: z.object({ object: z.literal('grant'), id: z.string(), revoked: z.literal(true) }),
      errors: ['grant_not_found'],
    }),
  },
  harnesses: {
    list: route({
      method: 'GET',
      path: '/v1/harnesses',
      summary: 'Harnesses: found or not, and why.',
      answer: listOf(HarnessInfo),
    }),
  },
  agents: {
    list: route({
      method: 'GET',
      path: '/v1/agents',
      summary: 'Agents that can be named.',
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
  git: {
    refs: route({
      method: 'GET',
      path: '/git/{project_id}/info/refs',
      summary: 'git: which refs there are.',
      form: 'git',
      params: project,
      query: z.strictObject({ service: z.enum(GIT_SERVICES) }),
      answer: z.unknown(),
      errors: ['project_not_found', 'git_failed'],
    }),
    push: route({
      method: 'POST',
      path: '/git/{project_id}/git-receive-pack',
      summary: 'git: push one new refs/tack/base/<session_id>.',
      form: 'git',
      params: project,
      answer: z.unknown(),
      errors: ['project_not_found', 'git_failed'],
    }),
    fetch: route({
      method: 'POST',
      path: '/git/{project_id}/git-upload-pack',
      summary: 'git: fetch the work.',
      form: 'git',
      params: project,
      answer: z.unknown(),
      errors: ['project_not_found', 'git_failed'],
    }),
  },
} as const satisfies Record<string, Record<string, Route>>;
export type Routes = typeof ROUTES;

/** Every row, flat, with its name (`sessions.create`). */
export const ALL_ROUTES: readonly (readonly [name: string, row: Route])[] = Object.entries(ROUTES).flatMap(
  ([group, rows]) =>
    Object.entries(rows as Record<string, Route>).map(([name, row]) => [`${group}.${name}`, row] as const),
);
