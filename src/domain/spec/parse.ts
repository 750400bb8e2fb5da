/** Agent files, read with all their mistakes at once. */
import type { z } from 'zod';
import { TackError } from '../errors.ts';
import { SessionPolicy } from '../policy/schema.ts';
import { starred } from '../policy/schema-checks.ts';
import { AgentConfig } from './agent.ts';
import { explain } from './explain.ts';
import { readYaml, type Mistake } from './read-yaml.ts';

/** Throws `spec_invalid`: a line for each mistake, `file:line:column path: message`, and the same in `data.errors`. */
export function parseAgent(text: string, file: string): AgentConfig {
  return parseSpec(AgentFile, text, file);
}

/** The rules that are laid over one session: `rules:` with `ask` and `deny` alone. Throws as parseAgent does. */
export function parseSessionPolicy(text: string, file: string): SessionPolicy {
  return parseSpec(SessionPolicyFile, text, file);
}

const AgentFile = AgentConfig.superRefine(({ harness, script, policies }, context) => {
  const issue = (message: string) => context.addIssue({ code: 'custom', path: ['script'], message });
  if (harness === 'scripted' && script === undefined) issue('is missing: the harness `scripted` plays it');
  if (harness !== 'scripted' && script !== undefined) issue('is only for the harness `scripted`');
  for (const { path, message } of policies ? starred(policies) : [])
    context.addIssue({ code: 'custom', path: ['policies', ...path], message });
});

const SessionPolicyFile = SessionPolicy.superRefine((policy, context) => {
  for (const { path, message } of starred(policy)) context.addIssue({ code: 'custom', path: [...path], message });
});

function parseSpec<S extends z.ZodType>(schema: S, text: string, file: string): z.infer<S> {
  const { value, mistakes, placeOf } = readYaml(text);
  if (value === undefined) throw invalid(file, mistakes);
  const parsed = schema.safeParse(value);
  const findings = parsed.success ? [] : explain(schema, value, parsed.error.issues);
  const found = findings.map(({ path, part, message }) => ({ ...placeOf(path, part), path: shown(path), message }));
  const all = [...mistakes, ...found];
  if (parsed.success && all.length === 0) return parsed.data;
  throw invalid(file, all);
}

/** More than that nobody mends at once. */
const MISTAKES_MAX = 50;

function invalid(file: string, mistakes: readonly Mistake[]): TackError {
  const errors = mistakes
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, MISTAKES_MAX)
    .map(({ line, column, path, message }) => ({
      place: `${file}:${line}:${column}${path && ` ${path}`}`,
      message,
    }));
  const lines = errors.map(({ place, message }) => `${place}: ${message}`);
  const more = mistakes.length - errors.length;
  return new TackError('spec_invalid', [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'), {
    data: { errors },
  });
}

/** `policies.rules[0].effect` */
const shown = (path: readonly PropertyKey[]): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
