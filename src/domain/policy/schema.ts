/** Policies as people write them, and what judging answers. Semantics: docs/reference/policies.md. */
import { z } from 'zod';
import { ACTION_KINDS } from '../action/schema.ts';
import { GRANT_SCOPES, ON_EXPIRY } from '../approval/words.ts';
import { loosening, problemsOf, repeatedNames } from './schema-checks.ts';

export const EFFECTS = ['allow', 'ask', 'deny'] as const;
export const Effect = z.enum(EFFECTS);
export type Effect = z.infer<typeof Effect>;

/** What a rule speaks about: a kind, a family (`git.*`), or everything (`*`). */
export const KIND_SELECTORS = [
  ...ACTION_KINDS,
  ...new Set(ACTION_KINDS.map((kind) => `${kind.split('.')[0]}.*`)),
  '*',
] as const;
const Selector = z.enum(KIND_SELECTORS as unknown as [string, ...string[]]);
const patterns = (what: string) => z.array(z.string().min(1)).min(1).optional().describe(what);

const checked =
  <T>(look: (value: T) => ReturnType<typeof problemsOf>) =>
  (value: T, context: z.RefinementCtx) => {
    for (const { path, message } of look(value)) context.addIssue({ code: 'custom', path: [...path], message });
  };

export const Matchers = {
  on: z.union([Selector, z.array(Selector).min(1)]).describe('Kind of action, family (`git.*`), list of them, or `*`.'),
  paths: patterns(
    'Globs; relative ones are below the worktree. An allow needs every path of the action, an ask or deny any.',
  ),
  commands: patterns('First words of any simple command in the script, such as `git push`.'),
  hosts: patterns('Host names; `*.example.org` covers its subdomains.'),
  tools: patterns('Names of tools: `server/tool` for MCP.'),
} as const;

export const Rule = z
  .strictObject({
    name: z.string().min(1).describe('Unique name; shown with every evaluation.'),
    ...Matchers,
    effect: Effect.describe('What happens when all matchers hold.'),
    reason: z.string().min(1).describe('Told to the approver on ask and to the model on deny.'),
    grantable: z.enum(GRANT_SCOPES).optional().describe('The longest grant an approver may give.'),
    on_expiry: z.enum(ON_EXPIRY).optional().describe('What happens when nobody answers.'),
    expires_in_s: z.number().int().positive().optional().describe('Seconds until an unanswered approval expires.'),
    grace_s: z
      .number()
      .int()
      .nonnegative()
      .optional()
      .describe('Seconds that the harness waits before the turn suspends.'),
    shadow: z.boolean().optional().describe('Evaluated and logged, but left out of the effect.'),
  })
  .superRefine(checked(problemsOf))
  .meta({ id: 'Rule' });
export type Rule = z.infer<typeof Rule>;

/** A default has no binding force: a nearer level replaces it. */
export const PolicyDefault = z
  .strictObject({
    name: z.string().min(1).optional().describe('Shown with evaluations; made from its words otherwise.'),
    ...Matchers,
    effect: Effect.describe('What happens when no rule says otherwise.'),
    reason: z.string().optional().describe('Told to the approver on ask and to the model on deny.'),
  })
  .superRefine(checked(problemsOf))
  .meta({ id: 'PolicyDefault' });
export type PolicyDefault = z.infer<typeof PolicyDefault>;

/** From far to near. */
export const LEVELS = ['shipped', 'server', 'agent', 'session'] as const;
export type Level = (typeof LEVELS)[number];

export const PolicyBody = z
  .strictObject({
    rules: z.array(Rule).superRefine(checked(repeatedNames)).default([]).describe('Binding rules.'),
    defaults: z.array(PolicyDefault).superRefine(checked(repeatedNames)).default([]).describe('Replaceable defaults.'),
  })
  .meta({ id: 'PolicyBody' });
export type PolicyBody = z.infer<typeof PolicyBody>;

/** What a person lays over one session: it makes judging stricter, never looser. */
export const SessionPolicy = PolicyBody.superRefine(checked(loosening)).meta({ id: 'SessionPolicy' });
export type SessionPolicy = z.infer<typeof SessionPolicy>;

export interface PolicyLevel extends PolicyBody {
  readonly level: Level;
}

/** One rule or default that gave the effect. */
export const RuleHit = z
  .object({
    name: z.string(),
    level: z.enum(LEVELS),
    reason: z.string(),
    grantable: z.enum(GRANT_SCOPES).optional(),
    on_expiry: z.enum(ON_EXPIRY).optional(),
    expires_in_s: z.number().optional(),
    grace_s: z.number().optional(),
  })
  .meta({ id: 'RuleHit' });
export type RuleHit = z.infer<typeof RuleHit>;

/** The answer of `evaluate`. `digest` is that of the action. */
export interface Evaluation {
  readonly effect: Effect;
  readonly rules: readonly RuleHit[];
  readonly policy_version: string;
  readonly digest: string;
  readonly grant_id?: string;
  readonly shadow: readonly { readonly name: string; readonly effect: Effect }[];
}
