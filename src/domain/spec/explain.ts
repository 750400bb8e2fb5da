/** What a schema finds wrong, in words that say what to write instead. */
import type { z } from 'zod';
import { nearest } from '../nearest.ts';

export interface Finding {
  readonly path: readonly PropertyKey[];
  readonly part: 'key' | 'value';
  readonly message: string;
}

/** `value` is what was read: zod's issues do not say what they met. */
export function explain(schema: z.ZodType, value: unknown, issues: readonly z.core.$ZodIssue[]): readonly Finding[] {
  return issues.flatMap((issue): readonly Finding[] => {
    const { path } = issue;
    const met = path.reduce<unknown>(
      (around, step) => (typeof around === 'object' && around !== null ? Reflect.get(around, step) : undefined),
      value,
    );
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({
          path: [...path, key],
          part: 'key' as const,
          message: `unknown key${meant(key, keysAt(schema, path))}`,
        }));
      case 'invalid_union':
        return explain(schema, value, branchFor(issue, met));
      case 'invalid_value': {
        const words = issue.values.map(String);
        const shown = words.length > SHOWN_MAX ? '' : `; it is one of ${words.join(', ')}`;
        return [
          {
            path,
            part: 'value',
            message: missing(met) ?? `${JSON.stringify(met)} is not known here${shown}${meant(String(met), words)}`,
          },
        ];
      }
      case 'invalid_type':
        return [
          {
            path,
            part: 'value',
            message: missing(met) ?? `must be ${named(issue.expected)}, not ${named(kindOf(met))}`,
          },
        ];
      default:
        return [{ path, part: 'value', message: issue.message }];
    }
  });
}

/** Longer lists are in the documentation. */
const SHOWN_MAX = 8;

const missing = (met: unknown): string | undefined => (met === undefined ? 'is missing' : undefined);

function meant(word: string, words: readonly string[]): string {
  const close = nearest(word, words);
  return close === undefined ? '' : `; did you mean \`${close}\`?`;
}

const NAMES: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'text',
  boolean: 'true or false',
  int: 'a whole number',
  null: 'nothing',
};
const named = (kind: string): string => NAMES[kind] ?? `a ${kind}`;

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Of the branches of a union the one whose shape was written. */
function branchFor({ errors, path }: z.core.$ZodIssueInvalidUnion, met: unknown): readonly z.core.$ZodIssue[] {
  const fitting = errors.find(
    (branch) => !branch.some((issue) => issue.path.length === 0 && isOfAnotherShape(issue, met)),
  );
  return (fitting ?? errors[0] ?? []).map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}

function isOfAnotherShape(issue: z.core.$ZodIssue, met: unknown): boolean {
  if (issue.code === 'invalid_type') return kindOf(met) !== issue.expected;
  return issue.code === 'invalid_value' && typeof met === 'object';
}

/** The keys that a schema knows at a path. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const [step, ...rest] = path;
  switch (def.type) {
    case 'object': {
      if (step === undefined) return Object.keys(def.shape);
      const next = def.shape[String(step)];
      return next ? keysAt(next, rest) : [];
    }
    case 'array':
      return keysAt(def.element, rest);
    case 'optional':
    case 'nullable':
    case 'default':
      return keysAt(def.innerType, path);
    case 'union':
      return def.options.flatMap((option) => keysAt(option, path));
    default:
      return [];
  }
}
