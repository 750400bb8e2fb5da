/** The contract as OpenAPI is complete: every route that Fastify knows, every type of event with an example that holds, no reference into nothing. */
import Fastify from 'fastify';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/api/server/app.ts';
import type { ServerParts } from '../../../src/api/server/parts.ts';
import { Envelope } from '../../../src/domain/events/envelope.ts';
import { problemOfData } from '../../../src/domain/events/schema.ts';
import { EVENT_TYPES, type EventType } from '../../../src/domain/events/vocabulary.ts';

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, any>> };
}

let app: Awaited<ReturnType<typeof createApp>>;
let document: Document;
beforeAll(async () => {
  const parts = {
    about: { version: '0' },
    logger: pino({ level: 'silent' }),
    token: 'token',
    limits: { body_bytes: 1 },
  };
  app = await createApp(parts as unknown as ServerParts);
  const headers = { host: '127.0.0.1', authorization: 'Bearer token' };
  document = (await app.inject({ url: '/openapi.json', headers })).json<Document>();
});
afterAll(() => app.close());

/** Method and path of each route, as the router itself prints them. */
function routesOf(printed: string): readonly string[] {
  const above: string[] = [];
  return printed.split('\n').flatMap((line) => {
    const found = /^(.*?)[├└]── (\S+)(?: \((.*)\))?$/.exec(line);
    if (!found) return [];
    const [, indent = '', part = '', methods = ''] = found;
    above.length = indent.length / 4;
    above.push(part);
    const path = above.join('').replaceAll(/:(\w+)/g, '{$1}');
    return methods
      .split(', ')
      .filter(Boolean)
      .map((method) => `${method} ${path}`);
  });
}
const described = (): readonly string[] =>
  Object.entries(document.paths).flatMap(([path, row]) =>
    Object.keys(row).map((method) => `${method.toUpperCase()} ${path}`),
  );

/** Every event type of the document, by the `type` that its schema fixes. */
const eventSchema = (type: EventType) => {
  const { oneOf, discriminator } = document.components.schemas['AnyEvent'];
  const ref: string = discriminator.mapping[type] ?? '';
  expect(oneOf, type).toContainEqual({ $ref: ref });
  return document.components.schemas[ref.replace('#/components/schemas/', '')];
};
const problemOfExample = (type: EventType, example: { readonly data: unknown }): string | null => {
  const { error } = Envelope.safeParse(example);
  return error?.message ?? problemOfData(type, example.data);
};

describe('the document', () => {
  it('has every route that the router has, and no other', () => {
    const routes = routesOf(app.printRoutes({ commonPrefix: false }));
    expect(routes.length).toBeGreaterThan(25);
    expect(described().toSorted()).toEqual(routes.toSorted());
  });

  it('would lack one that was made beside the table: the control', async () => {
    const other = Fastify({ exposeHeadRoutes: false });
    other.get('/v1/sessions/:session_id/secret', async () => 'x');
    other.get('/v1/sessions/:session_id', async () => 'x');
    await other.ready();
    const routes = routesOf(other.printRoutes({ commonPrefix: false }));
    expect(routes.filter((route) => !described().includes(route))).toEqual(['GET /v1/sessions/{session_id}/secret']);
    await other.close();
  });

  it('is OpenAPI 3.1 whose references lead somewhere, whose operations have names of their own, and whose paths say their parameters', () => {
    expect(document.openapi).toBe('3.1.0');
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = '']) => ref);
    expect(refs.length).toBeGreaterThan(50);
    const lost = refs.filter((ref) => !(ref.replace(/^#\/components\/schemas\//, '') in document.components.schemas));
    expect(lost).toEqual([]);
    const operations = Object.values(document.paths).flatMap((row) => Object.values(row));
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const [path, row] of Object.entries(document.paths))
      for (const { parameters = [] } of Object.values(row)) {
        const said = parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`);
        expect({ path, said }).toEqual({ path, said: path.match(/\{\w+\}/g) ?? [] });
      }
  });

  it('says of every route how it refuses, and of every POST of ours that it takes a key', () => {
    for (const [path, row] of Object.entries(document.paths))
      for (const [method, { responses, parameters = [] }] of Object.entries(row)) {
        expect(Object.keys(responses['default']?.content ?? {}), path).toEqual(['application/problem+json']);
        const takesKey = method === 'post' && !path.startsWith('/git/');
        expect({ path, takesKey: parameters.some(({ name }) => name === 'Idempotency-Key') }).toEqual({
          path,
          takesKey,
        });
      }
  });

  it('keeps an input apart from its output only where they differ', () => {
    const names = Object.keys(document.components.schemas);
    expect(names.filter((name) => name.endsWith('Input'))).toEqual(
      names.filter((name) => /^(AgentConfig|CreateSession|PolicyBody|SendMessage|SessionPolicy)Input$/.test(name)),
    );
  });

  it('forbids no field of an answer that it does not know yet', () => {
    for (const name of ['Session', 'Event', 'Approval', 'Turn'])
      expect(document.components.schemas[name].additionalProperties, name).toBeUndefined();
    expect(document.components.schemas['CreateSessionInput'].additionalProperties).toBe(false); // a typo is refused
  });
});

describe('every type of event', () => {
  it('is in it, and nothing else is', () => {
    expect(Object.keys(document.components.schemas['AnyEvent'].discriminator.mapping)).toEqual([...EVENT_TYPES]);
  });

  it.each(EVENT_TYPES)('%s has a meaning and an example that holds', (type) => {
    const { description, allOf, examples } = eventSchema(type);
    expect(description).toMatch(/\w/);
    expect(allOf[1].properties.type).toEqual({ const: type });
    expect(examples).toHaveLength(1);
    expect(examples[0].type).toBe(type);
    expect(problemOfExample(type, examples[0])).toBeNull();
  });

  it('would be found with an example that does not hold: the control', () => {
    const [example] = eventSchema('turn.resumed').examples;
    const wrong = { ...example, data: { ...example.data, after: 'lunch' } };
    expect(problemOfExample('turn.resumed', wrong)).toContain('data.after');
    expect(problemOfExample('turn.resumed', { ...example, seq: 0 })).not.toBeNull();
  });
});
