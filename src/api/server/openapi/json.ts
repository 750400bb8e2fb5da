/** JSON Schema as plain data, and references within it. */
export type Json = Record<string, unknown>;

export const COMPONENT = '#/components/schemas/';

/** The same with every reference changed. */
export function withRefs<T>(value: T, change: (ref: string) => string): T {
  if (Array.isArray(value)) return value.map((one: unknown) => withRefs(one, change)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? change(inner) : withRefs(inner as unknown, change),
    ]),
  ) as T;
}

/** Every reference in it. */
export function refsIn(value: unknown): readonly string[] {
  const refs: string[] = [];
  withRefs(value, (ref) => {
    refs.push(ref);
    return ref;
  });
  return refs;
}

/** The names of the schemas that this leads to, one by the other. */
export function reached(from: unknown, schemas: Readonly<Record<string, Json>>): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (value: unknown): void => {
    for (const ref of refsIn(value)) {
      const name = ref.slice(COMPONENT.length);
      if (seen.has(name)) continue;
      seen.add(name);
      visit(schemas[name]);
    }
  };
  visit(from);
  return seen;
}
