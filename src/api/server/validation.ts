/** Requests against the schemas of the table: all mistakes at once, each with its place. */
import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { TackError, type ErrorCode } from '../../domain/errors.ts';
import type { Problem } from '../contract/problem.ts';
import { placesOf } from './places.ts';

export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    const errors = placesOf(httpPart, parsed.error.issues);
    return {
      error: new TackError(codeOf(errors), errors.map(({ place, message }) => `${place}: ${message}`).join('; '), {
        data: { errors },
      }),
    };
  };

/** A harness that we do not have has its own way out. */
const codeOf = (errors: Problem['errors']): ErrorCode =>
  errors.some(({ place }) => place === 'body.agent.harness') ? 'harness_unknown' : 'request_invalid';
