/** The document of `/openapi.json`: what the generator made of the contract table, and what it cannot know. */
import { eventSchemas } from './events.ts';
import { COMPONENT, withRefs, type Json } from './json.ts';
import { withOpenAnswers } from './open-answers.ts';
import { withWholeOperations } from './operations.ts';
import { withoutTwins } from './twins.ts';

/** What stands in front of it. */
export const infoOf = (version: string) => ({
  title: 'Tackroom',
  version,
  summary: 'Durable, governed sessions of coding agents.',
  description: [
    'Every route but health takes the token of the data folder: `Authorization: Bearer …`.',
    'A refusal is a Problem (RFC 9457) with a `code` of the table of errors and a way out. A POST takes an `Idempotency-Key`.',
    'A list is a page: go on with `after` = `last_id` while `has_more`. Clients ignore types of events and fields that they do not know.',
  ].join('\n\n'),
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
});

export const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer' },
  password: { type: 'http', scheme: 'basic', description: 'Any name, and the token as password: for the pages.' },
} as const;

/** Made of the generator's; it stays as it is. */
export function wholeDocument(generated: Json): Json {
  const { paths, components, ...rest } = withoutTwins(generated);
  const { schemas, ...others } = components as { readonly schemas: Readonly<Record<string, Json>> };
  const anyEvent = (ref: string) => (ref === `${COMPONENT}Event` ? `${COMPONENT}AnyEvent` : ref);
  return withOpenAnswers({
    ...rest,
    paths: withRefs(withWholeOperations(paths as Json), anyEvent),
    components: { ...others, schemas: sorted({ ...eventSchemas(), ...schemas }) },
  });
}

const sorted = (schemas: Readonly<Record<string, Json>>): Record<string, Json> =>
  Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1)));
