/** Approvals and grants as clients see them. A decision's body is DecisionBody of the domain. */
import { z } from 'zod';
import { Actor, Via } from '../../domain/actor.ts';
import { DecisionWord, GrantPattern } from '../../domain/approval/schema.ts';
import { APPROVAL_KINDS, APPROVAL_STATUSES, GRANT_SCOPES } from '../../domain/approval/words.ts';

/** One answer that a person may give, and what giving it means. */
export const ApprovalOption = z
  .object({
    decision: DecisionWord,
    label: z.string(),
    pattern: GrantPattern.nullable().describe('What it will remember: send it back as `pattern`.'),
  })
  .meta({ id: 'ApprovalOption' });

export const Approval = z
  .object({
    object: z.literal('approval'),
    id: z.string(),
    session_id: z.string(),
    turn_id: z.string(),
    kind: z.enum(APPROVAL_KINDS),
    status: z.enum(APPROVAL_STATUSES),
    title: z.string(),
    digest: z.string().describe('Send it back with the decision.'),
    request: z
      .record(z.string(), z.unknown())
      .describe('The question as recorded: action, rules with reasons, preview, grantable, on_expiry …'),
    options: z.array(ApprovalOption).describe('Empty unless it is pending.'),
    can_ask_again: z.boolean(),
    resolution: z.record(z.string(), z.unknown()).nullable().describe('Decision, by whom, via what, when.'),
    requested_at: z.string(),
    expires_at: z.string(),
  })
  .meta({ id: 'Approval' });
export type Approval = z.infer<typeof Approval>;

/** A decision that won. */
export const Decided = z
  .object({
    object: z.literal('decision'),
    approval_id: z.string(),
    session_id: z.string(),
    decision: DecisionWord,
    actor: Actor,
    via: Via.nullable(),
    resolved_at: z.string(),
    grant_id: z.string().nullable(),
  })
  .meta({ id: 'Decided' });
export type Decided = z.infer<typeof Decided>;

/** A remembered allow: for one session, or for a project. */
export const ListedGrant = z
  .object({
    object: z.literal('grant'),
    id: z.string(),
    project_id: z.string().nullable(),
    session_id: z.string().nullable().describe('Where it was given.'),
    approval_id: z.string(),
    title: z.string().describe('The action that was asked about.'),
    granted_by: Actor.nullable(),
    granted_at: z.string().nullable(),
    scope: z.enum(GRANT_SCOPES),
    digest: z.string().nullable(),
    pattern: GrantPattern.nullable(),
    rules: z.array(z.string()),
  })
  .meta({ id: 'ListedGrant' });
export type ListedGrant = z.infer<typeof ListedGrant>;
