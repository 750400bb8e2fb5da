/** What a grant's pattern must be, checked by hand: a decision may be typed into the engine, and workflow code has no zod. */
import { compileGlob, compileName } from '../policy/glob.ts';

export const PATTERN_MAX = 2_000;

const PARTS: Readonly<Record<string, (text: string) => unknown>> = {
  paths: (text) => compileGlob(text.replace(/^~/, '')),
  commands: (text) => text,
  hosts: compileName,
  tools: compileName,
};

/** Why this is no pattern, in words; null: it is one. */
export function patternProblem(pattern: unknown): string | null {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) return 'The pattern is no object.';
  const length = lengthOf(pattern);
  if (length > PATTERN_MAX) return `The pattern has ${length} characters; ${PATTERN_MAX} are taken.`;
  const { on, ...parts } = pattern as Readonly<Record<string, unknown>>;
  if (typeof on !== 'string' || !/^(\*|[a-z]+\.(\*|[a-z]+))$/.test(on))
    return 'The pattern needs `on`, a kind of action.';
  for (const [name, value] of Object.entries(parts)) {
    const problem = partProblem(name, value);
    if (problem !== null) return problem;
  }
  return null;
}

/** Nested deep enough, not even JSON writes it down. */
function lengthOf(pattern: object): number {
  try {
    return JSON.stringify(pattern).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function partProblem(name: string, value: unknown): string | null {
  const compile = PARTS[name];
  if (!compile || !Object.hasOwn(PARTS, name))
    return `A pattern has \`on\`, ${Object.keys(PARTS).join(', ')}; not ${JSON.stringify(name)}.`;
  if (!Array.isArray(value) || value.length === 0 || !value.every(isText)) return `\`${name}\` is no list of texts.`;
  try {
    value.forEach(compile);
    return null;
  } catch (error) {
    return `\`${name}\`: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
