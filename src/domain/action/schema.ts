/** The canonical thing that is judged. Made by an adapter's `toAction` or by the broker; its digest covers these fields and nothing else. */
import { z } from 'zod';

const cwd = z.string().describe('Working directory, absolute, as the sandbox sees it.');
const paths = z
  .array(z.string())
  .describe('Absolute, as the sandbox sees them; `.` and symlinks resolved against the worktree.');
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const named = { ecosystem: z.string(), name: z.string(), version: z.string().nullable() };

export const ACTION_SCHEMAS = {
  'file.read': z.strictObject({ kind: z.literal('file.read'), cwd, paths }),
  'file.search': z.strictObject({ kind: z.literal('file.search'), cwd, paths, pattern: z.string() }),
  'file.write': z.strictObject({
    kind: z.literal('file.write'),
    cwd,
    paths,
    change: z.enum(['create', 'modify', 'delete']),
    content_digest: digest.nullable(),
  }),
  'shell.exec': z.strictObject({
    kind: z.literal('shell.exec'),
    cwd,
    script: z.string(),
    argv: z.array(z.string()).nullable().describe('Only for a simple command.'),
    env: z.record(z.string(), digest).describe('Changed variables, by name; the values as digests.'),
    background: z.boolean(),
    files: z
      .array(z.strictObject({ path: z.string(), blob: z.string() }))
      .describe('Files of the session that the command names, with their git blob hash.'),
  }),
  'agent.spawn': z.strictObject({ kind: z.literal('agent.spawn'), cwd, type: z.string() }),
  'plan.update': z.strictObject({ kind: z.literal('plan.update'), cwd }),
  'skill.load': z.strictObject({ kind: z.literal('skill.load'), cwd, name: z.string() }),
  'question.ask': z.strictObject({ kind: z.literal('question.ask'), cwd, questions: z.array(z.unknown()) }),
  'plan.propose': z.strictObject({ kind: z.literal('plan.propose'), cwd, plan_digest: digest }),
  'net.request': z.strictObject({
    kind: z.literal('net.request'),
    cwd,
    method: z.string(),
    host: z.string(),
    port: z.number().int(),
    path: z.string(),
  }),
  'net.search': z.strictObject({ kind: z.literal('net.search'), cwd, query: z.string() }),
  'model.request': z.strictObject({
    kind: z.literal('model.request'),
    cwd,
    provider: z.string(),
    model: z.string(),
    max_tokens: z.number().int().nullable(),
  }),
  'mcp.call': z.strictObject({
    kind: z.literal('mcp.call'),
    cwd,
    server: z.string(),
    tool: z.string(),
    input: z.unknown(),
  }),
  'git.fetch': z.strictObject({ kind: z.literal('git.fetch'), cwd, host: z.string(), repository: z.string() }),
  'git.push': z.strictObject({
    kind: z.literal('git.push'),
    cwd,
    host: z.string(),
    repository: z.string(),
    refs: z.array(
      z.strictObject({ ref: z.string(), new: z.string(), how: z.enum(['create', 'ff', 'force', 'delete']) }),
    ),
  }),
  'package.install': z.strictObject({ kind: z.literal('package.install'), cwd, ...named }),
  'package.publish': z.strictObject({ kind: z.literal('package.publish'), cwd, ...named }),
  'forge.call': z.strictObject({
    kind: z.literal('forge.call'),
    cwd,
    host: z.string(),
    repository: z.string(),
    operation: z.string(),
  }),
  'tool.other': z.strictObject({ kind: z.literal('tool.other'), cwd, tool: z.string(), input: z.unknown() }),
} as const;

export type ActionKind = keyof typeof ACTION_SCHEMAS;
export const ACTION_KINDS = Object.keys(ACTION_SCHEMAS) as readonly ActionKind[];
export type Action = z.infer<(typeof ACTION_SCHEMAS)[ActionKind]>;
export type ActionOf<K extends ActionKind> = Extract<Action, { kind: K }>;
export const Action = z
  .discriminatedUnion(
    'kind',
    Object.values(ACTION_SCHEMAS) as unknown as [
      (typeof ACTION_SCHEMAS)['file.read'],
      ...(typeof ACTION_SCHEMAS)[ActionKind][],
    ],
  )
  .meta({ id: 'Action' });

/** Kinds that leave the sandbox: their grants are for once, and no session pattern is suggested. */
export const LEAVES_SANDBOX: readonly ActionKind[] = [
  'net.request',
  'net.search',
  'git.fetch',
  'git.push',
  'package.install',
  'package.publish',
  'forge.call',
  'mcp.call',
];

/** Where an Action can be stopped. */
export const CHOKE_POINTS = ['gate', 'gateway', 'broker'] as const;
export type ChokePoint = (typeof CHOKE_POINTS)[number];
