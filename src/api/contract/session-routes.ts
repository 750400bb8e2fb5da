/** The rows about sessions, their messages, turns and log. */
import { z } from 'zod';
import { Envelope } from '../../domain/events/envelope.ts';
import { SessionPolicy } from '../../domain/policy/schema.ts';
import { SESSION_STATUSES } from '../../domain/session/status.ts';
import { afterSeq, listOf, paged, wait } from './list.ts';
import { route, type Route } from './route.ts';
import { CreateSession, PolicyInForce, Session, StartedSession, StopRequest, WorkReport } from './session.ts';
import { QueueItem, SendMessage, SentMessage, Turn } from './turn.ts';

const session = z.strictObject({ session_id: z.string().min(1).max(100) });
/** The cursor of a log: a number, also as a client writes it. */
const seq = z.coerce.number<number>().int().min(0).optional().describe('The seq of an event.');
const types = z.string().max(1000).optional().describe('Types of events, separated by commas.');

export const SESSION_ROUTES = {
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
      ...paged('desc'),
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
    query: z.strictObject(paged('asc')),
    answer: listOf(QueueItem),
    errors: ['session_not_found'],
  }),
  turns: route({
    method: 'GET',
    path: '/v1/sessions/{session_id}/turns',
    summary: 'Turns, oldest first.',
    params: session,
    query: z.strictObject(paged('asc')),
    answer: listOf(Turn),
    errors: ['session_not_found'],
  }),
  events: route({
    method: 'GET',
    path: '/v1/sessions/{session_id}/events',
    summary: 'The durable log, in order.',
    params: session,
    query: z.strictObject({ ...paged('asc'), after: seq, before: seq, types }),
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
  policy: route({
    method: 'GET',
    path: '/v1/sessions/{session_id}/policy',
    summary: 'The rules of this session alone.',
    params: session,
    answer: PolicyInForce,
    errors: ['session_not_found'],
  }),
  setPolicy: route({
    method: 'PUT',
    path: '/v1/sessions/{session_id}/policy',
    summary:
      'Lay rules over this session, in place of those before. They only make it stricter, from the next call on.',
    params: session,
    body: SessionPolicy,
    answer: PolicyInForce,
    errors: ['session_not_found', 'session_closed', 'engine_unavailable'],
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
} as const satisfies Record<string, Route>;
