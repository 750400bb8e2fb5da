/** What the `data` of each type of event means: the reference page is made of these words, and tests hold real logs against them. */
import { z } from 'zod';
import { ACTION_KINDS, CHOKE_POINTS } from '../action/schema.ts';
import { GrantPattern } from '../approval/schema.ts';
import { APPROVAL_KINDS, DECISIONS, GRANT_SCOPES, ON_EXPIRY } from '../approval/words.ts';
import { BlobRef, Content } from '../content.ts';
import { Effect, LEVELS } from '../policy/schema.ts';
import type { EventType } from './vocabulary.ts';

const text = z.string();
const count = z.number().int().nonnegative();
const time = z.iso.datetime();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** Kept outside of the log's rows: a reference at rest, the thing itself when it is read. */
const kept = <T extends z.ZodType>(schema: T) => z.union([BlobRef, schema]);
const content = kept(z.array(Content));
const by = { parent_tool_use_id: text.optional().describe('Of a sub-agent: the call that started it.') };
const item = { item_id: text, content, ...by };
const action = z.looseObject({ kind: z.enum(ACTION_KINDS), digest });
const rules = z.array(z.looseObject({ name: text, level: z.enum(LEVELS), reason: text }));
const about = { title: text, agent: text, harness: text, model: text.nullish(), project_id: text.nullish() };
const settings = {
  policy_version: text,
  agent_config: BlobRef,
  steers: z.boolean().describe('Takes messages into a running turn.'),
};

/** Data may grow: readers ignore what they do not know. */
const data = <T extends z.ZodRawShape>(shape: T, says: string) => z.looseObject(shape).describe(says);
/** In the vocabulary, and no part of Tackroom writes it yet. */
const later = (says: string) => z.looseObject({}).describe(says).meta({ later: true });

export const EVENT_DATA = {
  'session.created': data(
    { ...about, ...settings, sandbox: text.optional(), base_commit: text.nullish() },
    'The first event of every log.',
  ),
  'session.updated': data(
    z.object({ ...about, ...settings, session_policy: BlobRef }).partial().shape,
    'Only the fields that changed. `session_policy`: the rules of this session, in place of those before.',
  ),
  'session.status_changed': later(
    'The status is a fold of the other events; this one is kept for surfaces that cannot fold.',
  ),
  'session.placed': data(
    {
      host_id: text,
      attempt: count,
      reason: text.describe('`turn`, or why the turn goes on.'),
      from_host: text.optional(),
    },
    'An attempt found its host.',
  ),
  'session.closed': data({ reason: text }, 'No message is taken any more; the log stays readable.'),
  'user.message': data(
    {
      client_id: text.describe('Chosen by the sender: the same message twice is one.'),
      content,
      delivery: z.enum(['start', 'queue', 'steer']),
      first: z.boolean().optional().describe('Before the others of the queue.'),
      own_turn_id: text.optional().describe('Of a steer: its own turn, should the harness not take it.'),
    },
    'Somebody said something.',
  ),
  'user.interrupt': data({ reason: text.optional() }, 'Somebody stopped the turn; it ends when its attempt has.'),
  'queue.updated': data(
    {
      items: z.array(z.looseObject({ queued_id: text, client_id: text, position: count })),
      requeued: z.unknown().optional(),
    },
    'What waits now, in order.',
  ),
  'turn.started': data(
    { trigger: text, attempt: count, message: z.looseObject({ client_id: text, content }) },
    'A message became a turn.',
  ),
  'turn.suspended': data({ approval_ids: z.array(text) }, 'Nobody answered within the grace: no process is left.'),
  'turn.resumed': data(
    {
      after: z.enum(['approval', 'crash', 'host_lost', 'moved']),
      attempt: count,
      repetition: count.optional().describe('After a crash: the same attempt, once more.'),
      unknown_calls: z
        .array(z.looseObject({ tool_use_id: text, title: text }))
        .optional()
        .describe('Started, and never seen to end.'),
      reason: text.optional().describe('After a crash: how the attempt before ended, where its worker saw it.'),
      lost_host: text.optional(),
    },
    'The turn goes on in another attempt.',
  ),
  'turn.completed': data({ stop_reason: text }, 'The agent is done.'),
  'turn.failed': data(
    { error: z.looseObject({ code: text, message: text, retryable: z.boolean() }) },
    'The session stays open.',
  ),
  'turn.cancelled': data({ stop_reason: z.literal('cancelled') }, 'A stop, and nothing of the attempt is left.'),
  'agent.message': data(
    { ...item, partial: z.boolean().optional().describe('It was cut off here.') },
    'Words of the agent.',
  ),
  'agent.thinking': data(item, 'Thoughts that the harness shows.'),
  'agent.tool_use': data(
    {
      item_id: text,
      tool_use_id: text,
      name: text.describe('In the words of the harness.'),
      title: text,
      kind: text.describe('Sort of tool, in the words of ACP.'),
      input: kept(z.unknown()),
      action,
      evaluation: z.looseObject({ effect: Effect, rules: z.array(text) }),
      approval_id: text.optional(),
    },
    'A call may have started: it is written before the harness is answered.',
  ),
  'agent.tool_result': data(
    {
      ...item,
      tool_use_id: text,
      is_error: z.boolean().optional(),
      truncated: z.boolean().optional(),
      not_run: text.optional().describe('Why the call never ran.'),
      name: text.optional().describe('Of a call that did not run: nobody may have been asked about it.'),
      interrupted: z.boolean().optional().describe('It was allowed and stopped: it may have run in part.'),
    },
    'What a call gave.',
  ),
  'plan.updated': later('The agent’s plan, as a whole.'),
  'file.changed': later('A file of the worktree changed.'),
  'checkpoint.created': data({ commit: text, ref: text }, 'The work is saved in the project.'),
  'policy.evaluated': data(
    {
      tool_use_id: text.optional(),
      title: text.optional(),
      action,
      effect: Effect,
      rules,
      grant_id: text.optional().describe('The grant that turned an ask into this allow.'),
      policy_version: text,
      choke_point: z.enum(CHOKE_POINTS),
      shadow: z.array(z.looseObject({ name: text, effect: Effect })),
      took_ms: z.number(),
    },
    'A call was judged.',
  ),
  'action.observed': later('An effect was seen at a choke point.'),
  'sandbox.denied': later('The sandbox or the broker refused something.'),
  'approval.requested': data(
    {
      approval: z.looseObject({
        id: text,
        turn_id: text,
        kind: z.enum(APPROVAL_KINDS),
        digest,
        action: BlobRef,
        card: kept(z.unknown()).describe('What people are shown; when read, its fields stand beside these.'),
        rules: z.array(z.unknown()),
        grantable: z.enum(GRANT_SCOPES),
        approvers: z.array(text).nullable(),
        on_expiry: z.enum(ON_EXPIRY),
        requested_at: time,
        expires_at: time,
      }),
      attempt: count.optional(),
      again: z.boolean().optional().describe('The same question, by a later attempt.'),
      replaces: text.optional().describe('The expired approval that it stands for.'),
    },
    'A person is asked.',
  ),
  'approval.extended': data(
    { approval_id: text, expires_at: time, reason: text },
    'It waits longer: the engine was away.',
  ),
  'approval.resolved': data(
    {
      approval_id: text,
      outcome: z.enum(['decided', 'expired', 'cancelled']),
      decision: z.enum(DECISIONS).optional(),
      pattern: GrantPattern.optional(),
      message: kept(text).optional(),
      input: kept(z.unknown()).optional(),
      scope: z.enum(GRANT_SCOPES).optional(),
      grant_id: text.optional(),
      resolved_at: time,
      waited_ms: z.number(),
    },
    'The first answer, or none in time, or none needed any more. Who and how stand in the envelope.',
  ),
  'grant.created': data(
    {
      grant_id: text,
      approval_id: text,
      scope: z.enum(GRANT_SCOPES),
      digest: digest.nullable(),
      pattern: GrantPattern.nullable(),
      rules: z.array(text),
    },
    'An allow that discharges the asks of these rules.',
  ),
  'grant.used': data(
    { grant_id: text, approval_id: text, action },
    'Written before the call is allowed: at most once.',
  ),
  'grant.revoked': data(
    { grant_id: text, approval_id: text, scope: z.enum(GRANT_SCOPES) },
    'A lasting grant was taken back: it lets nothing pass any more.',
  ),
  'gate.bypassed': data({ what: text, evidence: z.unknown() }, 'Something ran without an allow; the turn ends.'),
  'harness.warned': data({ code: text, text: kept(text) }, 'Worth knowing, and no failure.'),
  'work.applied': data({ commit: text, branch: text }, 'A person took the work into their tree.'),
  'work.discarded': data({ commit: text, branch: text }, 'A person forgot the work.'),
  'usage.recorded': data(
    { request_id: text, source: text, model: text, input_tokens: count, output_tokens: count, partial: z.boolean() },
    'One model request, as the broker read it off the answer.',
  ),
  'error.raised': data(
    { code: text, message: kept(text), retryable: z.boolean().optional() },
    'A refusal that nobody was there to hear.',
  ),
} as const satisfies Readonly<Record<EventType, z.ZodType>>;

/** Null: it is as the table says. Else what is wrong, with its place. */
export function problemOfData(type: EventType, value: unknown): string | null {
  const { error } = EVENT_DATA[type].safeParse(value);
  return error
    ? error.issues.map(({ path, message }) => `${type} data.${path.join('.')}: ${message}`).join('; ')
    : null;
}
