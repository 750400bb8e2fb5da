/** Sessions as clients see them: computed once, by the server; a surface renders and decides nothing. */
import { z } from 'zod';
import { idSchema } from '../../domain/id-schema.ts';
import { IncludedFolder } from '../../domain/included-folder.ts';
import { Rule } from '../../domain/policy/schema.ts';
import { SESSION_STATUSES } from '../../domain/session/status.ts';
import { SANDBOX_KINDS } from '../../domain/sandbox-kind.ts';
import { AgentConfig } from '../../domain/spec/agent.ts';
import { Stuck } from './state.ts';
import { MessageContent, Turn } from './turn.ts';

export const Session = z
  .object({
    object: z.literal('session'),
    id: z.string(),
    title: z.string(),
    status: z.string().describe(SESSION_STATUSES.join(', ')),
    reason: z.string().describe('An open list: show an unknown one as text.'),
    agent: z.string(),
    harness: z.string(),
    model: z.string().nullable(),
    sandbox: z.enum(SANDBOX_KINDS).describe('`none` must be shown loudly.'),
    project_id: z.string().nullable(),
    base_ref: z.string().nullable(),
    base_commit: z.string().nullable(),
    branch: z.string().nullable().describe('The ref of the work in the project, once a turn has ended.'),
    work_commit: z.string().nullable(),
    head_seq: z.number().int(),
    turns: z.number().int(),
    queued: z.number().int(),
    stuck: Stuck.nullable().describe('Why it does not move though it should; null: it moves, or waits for a person.'),
    pending_approvals: z.number().int(),
    input_tokens: z.number().int(),
    output_tokens: z.number().int(),
    can_prompt: z.boolean(),
    can_interrupt: z.boolean(),
    can_close: z.boolean(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

const Commit = z.string().regex(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/, 'a commit has 40 or 64 hex digits');

/**
 * Starts a session. The client may bring the id, so that the base can be pushed as refs/tack/base/<id> before the first prompt.
 * Without `input` the session is only recorded; its first message starts it. The same id with the same words is the same session.
 */
export const CreateSession = z
  .strictObject({
    agent: z.union([z.string().min(1).max(63), AgentConfig]).describe('Name of an agent, or its configuration.'),
    input: MessageContent.optional(),
    session_id: idSchema('session').optional().describe('Made by the client; else by the server.'),
    project_id: idSchema('project').optional().describe('The project whose base was pushed.'),
    base_commit: Commit.optional().describe('The commit at refs/tack/base/<session_id>.'),
    include: z
      .array(IncludedFolder)
      .max(50)
      .optional()
      .describe('Ignored folders that the worker copies when it runs on the same machine.'),
    title: z.string().min(1).max(200).optional().describe('Else the first words of the prompt.'),
    client_id: z.string().min(1).max(100).optional().describe('Names the first message: said twice, it is one turn.'),
  })
  .meta({ id: 'CreateSession' });
export type CreateSession = z.infer<typeof CreateSession>;

/** A session just started; `turn` is there when the answer was held by `?wait=`. */
export const StartedSession = z
  .object({ ...Session.shape, turn_id: z.string().nullable(), turn: Turn.nullable() })
  .meta({ id: 'StartedSession' });
export type StartedSession = z.infer<typeof StartedSession>;

/** What interrupt and close take. */
export const StopRequest = z.strictObject({ reason: z.string().max(1000).optional() }).meta({ id: 'StopRequest' });

export const PolicyInForce = z
  .object({
    object: z.literal('policy'),
    session_id: z.string(),
    policy_version: z.string().describe('Digest of all levels: what is shipped, the agent, this session.'),
    rules: z.array(Rule).describe('Of this session.'),
  })
  .meta({ id: 'PolicyInForce' });

/** What a person did with the work in their own repository. */
export const WorkReport = z
  .strictObject({
    what: z.enum(['applied', 'discarded']),
    commit: Commit,
    branch: z.string().min(1).max(250),
  })
  .meta({ id: 'WorkReport' });
