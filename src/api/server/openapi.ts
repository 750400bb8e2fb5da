/** What the generator does not know: every route may answer with a Problem, streams and git are no JSON. */
import { z } from 'zod';
import { ALL_ROUTES } from '../contract/routes.ts';
import { COMMON_ERRORS } from '../contract/route.ts';
import { Problem } from '../contract/problem.ts';

type Json = Record<string, unknown>;

/** The document of `/openapi.json`. `x-error-codes` lists the refusals of a route. */
export function withProblems(document: Json): Json {
  const { $schema: _, ...problem } = z.toJSONSchema(Problem, { target: 'draft-2020-12' });
  const components = document['components'] as { schemas?: Json };
  const paths = structuredClone(document['paths']) as Record<string, Record<string, Json>>;
  for (const [, row] of ALL_ROUTES) {
    const operation = paths[row.path]?.[row.method.toLowerCase()];
    if (!operation) continue;
    const success =
      row.form === 'stream'
        ? {
            [row.status]: {
              description: 'Server-sent events',
              content: { 'text/event-stream': { schema: { type: 'string' } } },
            },
          }
        : row.form === 'git'
          ? { [row.status]: { description: 'git’s own protocol' } }
          : {};
    operation['responses'] = {
      ...(operation['responses'] as Json),
      ...success,
      default: {
        description: 'A refusal',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    };
    operation['x-error-codes'] = [...row.errors, ...COMMON_ERRORS];
    if (!row.auth) operation['security'] = [];
  }
  return { ...document, paths, components: { ...components, schemas: { ...components.schemas, Problem: problem } } };
}
