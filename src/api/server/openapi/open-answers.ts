/** Answers may grow: clients ignore what they do not know, so no schema of an answer forbids it. What people send stays strict. */
import { reached, type Json } from './json.ts';

type Operation = Json & { readonly responses: Json };

export function withOpenAnswers(document: Json): Json {
  const { paths, components } = document as { paths: Record<string, Record<string, Operation>>; components: Json };
  const schemas = components['schemas'] as Readonly<Record<string, Json>>;
  const operations = Object.values(paths).flatMap((row) => Object.values(row));
  const asked = reached(
    operations.map(({ requestBody, parameters }) => [requestBody, parameters]),
    schemas,
  );
  return {
    ...document,
    paths: eachValue(paths, (row) => eachValue(row, (one) => ({ ...one, responses: opened(one.responses) }))),
    components: {
      ...components,
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, asked.has(name) ? schema : opened(schema)]),
      ),
    },
  };
}

function opened<T>(value: T): T {
  if (Array.isArray(value)) return value.map((one: unknown) => opened(one)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key, inner]) => !(key === 'additionalProperties' && inner === false));
  return Object.fromEntries(kept.map(([key, inner]) => [key, opened(inner as unknown)])) as T;
}

const eachValue = <T>(from: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(from).map(([key, value]) => [key, change(value)]));
