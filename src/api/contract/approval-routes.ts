/** The rows about approvals and what is remembered of them. */
import { z } from 'zod';
import { DecisionBody } from '../../domain/approval/schema.ts';
import { APPROVAL_STATUSES } from '../../domain/approval/words.ts';
import { Approval, Decided, ListedGrant } from './approval.ts';
import { listOf, paged } from './list.ts';
import { route, type Route } from './route.ts';

const approval = z.strictObject({ approval_id: z.string().min(1).max(100) });

export const APPROVAL_ROUTES = {
  list: route({
    method: 'GET',
    path: '/v1/approvals',
    summary: 'The inbox.',
    query: z.strictObject({
      status: z.enum(APPROVAL_STATUSES).optional(),
      session_id: z.string().optional(),
      ...paged('asc'),
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
} as const satisfies Record<string, Route>;

export const GRANT_ROUTES = {
  list: route({
    method: 'GET',
    path: '/v1/grants',
    summary: 'What is allowed without asking: in a session, in a project, or everywhere.',
    query: z.strictObject({
      session_id: z.string().min(1).max(100).optional().describe('Those that count in this session.'),
      project_id: z.string().min(1).max(100).optional().describe('Those of this project, for all of its sessions.'),
      ...paged('asc'),
    }),
    answer: listOf(ListedGrant),
    errors: ['session_not_found'],
  }),
  revoke: route({
    method: 'DELETE',
    path: '/v1/grants/{grant_id}',
    summary: 'Take a grant back: from the next call on it is asked again.',
    params: z.strictObject({ grant_id: z.string().min(1).max(100) }),
    answer: z.object({ object: z.literal('grant'), id: z.string(), revoked: z.literal(true) }),
    errors: ['grant_not_found', 'engine_unavailable'],
  }),
} as const satisfies Record<string, Route>;
