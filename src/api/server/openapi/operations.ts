/** What the generator does not know of a route: its refusals, its headers, and what is no JSON. */
import { COMMON_ERRORS, type Route } from '../../contract/route.ts';
import { ALL_ROUTES } from '../../contract/routes.ts';
import type { Json } from './json.ts';

/** The paths with every row of the table whole. `x-error-codes` lists the refusals of a route. */
export function withWholeOperations(paths: Json): Json {
  const whole = structuredClone(paths) as Record<string, Record<string, Json>>;
  for (const [, row] of ALL_ROUTES) {
    const operation = whole[row.path]?.[row.method.toLowerCase()];
    if (!operation) continue;
    const parameters = [...((operation['parameters'] as readonly Json[] | undefined) ?? []), ...headersOf(row)];
    if (parameters.length > 0) operation['parameters'] = parameters;
    operation['responses'] = { ...(operation['responses'] as Json), ...successOf(row), default: REFUSAL };
    operation['x-error-codes'] = [...row.errors, ...COMMON_ERRORS];
    if (!row.auth) operation['security'] = [];
    if (row.form === 'page') operation['security'] = [{ token: [] }, { password: [] }];
    if (takesKey(row)) withReplays(operation['responses'] as Record<string, Json>, row);
  }
  return whole;
}

const REFUSAL = {
  description: 'A refusal',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

const takesKey = ({ method, form }: Route): boolean => method === 'POST' && form === 'json';

function headersOf(row: Route): readonly Json[] {
  const header = (name: string, description: string, schema: Json) => ({
    in: 'header',
    name,
    required: false,
    description,
    schema,
  });
  if (takesKey(row))
    return [
      header('Idempotency-Key', 'Names this request for 24 h: sent again with the same key, it is done once.', {
        type: 'string',
        pattern: '^[\\x21-\\x7e]{1,200}$',
      }),
    ];
  if (row.form === 'stream')
    return [header('Last-Event-ID', 'The last id that was heard; it beats `after`.', { type: 'integer', minimum: 0 })];
  return [];
}

function withReplays(responses: Record<string, Json>, { status }: Route): void {
  responses[status] = {
    ...responses[status],
    headers: {
      'Idempotency-Replayed': {
        description: '`true` when this is the answer to an earlier request under this key.',
        schema: { type: 'string', const: 'true' },
      },
    },
  };
}

/** The success of what is no JSON. */
function successOf({ form, status, path }: Route): Json {
  switch (form) {
    case 'json':
      return {};
    case 'stream':
      return {
        [status]: {
          description: 'Server-sent events: `id` and `data` of an event, `data` alone of a frame.',
          content: {
            'text/event-stream': {
              schema: { anyOf: [{ $ref: '#/components/schemas/AnyEvent' }, { $ref: '#/components/schemas/Frame' }] },
            },
          },
        },
      };
    case 'git':
      return { [status]: { description: 'git’s own protocol' } };
    case 'page':
      return path.includes('{')
        ? { [status]: { description: 'A file of the page' } }
        : { [status]: { description: 'A page', content: { 'text/html': { schema: { type: 'string' } } } } };
  }
}
