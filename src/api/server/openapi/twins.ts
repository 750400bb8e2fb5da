/** The generator writes each schema twice, as it comes in and as it goes out: what is the same is one. */
import { isDeepStrictEqual } from 'node:util';
import { COMPONENT, reached, refsIn, withRefs, type Json } from './json.ts';

const INPUT = 'Input';

/** Leaves `XInput` only where it differs from `X` and is used. */
export function withoutTwins(document: Json): Json {
  const { schemas } = document['components'] as { readonly schemas: Readonly<Record<string, Json>> };
  const different = differentOf(schemas);
  const rename = (ref: string): string => {
    const name = ref.slice(COMPONENT.length);
    return ref.startsWith(COMPONENT) && isTwin(name, schemas) && !different.has(name)
      ? ref.slice(0, -INPUT.length)
      : ref;
  };
  const { components, ...rest } = withRefs(document, rename) as {
    components: { schemas: Record<string, Json> };
  } & Json;
  const kept = Object.entries(components.schemas).filter(([name]) => !isTwin(name, schemas) || different.has(name));
  const used = reached(rest, Object.fromEntries(kept));
  return {
    ...rest,
    components: {
      ...components,
      schemas: Object.fromEntries(kept.filter(([name]) => !isTwin(name, schemas) || used.has(name))),
    },
  };
}

const isTwin = (name: string, schemas: Readonly<Record<string, unknown>>): boolean =>
  name.endsWith(INPUT) && name.slice(0, -INPUT.length) in schemas;

/** The names whose two forms differ, by themselves or by what they name. */
function differentOf(schemas: Readonly<Record<string, Json>>): ReadonlySet<string> {
  const twins = Object.keys(schemas).filter((name) => isTwin(name, schemas));
  const asOutput = (ref: string) => (isTwin(ref.slice(COMPONENT.length), schemas) ? ref.slice(0, -INPUT.length) : ref);
  const different = new Set(
    twins.filter(
      (name) => !isDeepStrictEqual(withRefs(schemas[name], asOutput), schemas[name.slice(0, -INPUT.length)]),
    ),
  );
  for (let before = -1; before !== different.size;) {
    before = different.size;
    for (const name of twins)
      if (refsIn(schemas[name]).some((ref) => different.has(ref.slice(COMPONENT.length)))) different.add(name);
  }
  return different;
}
