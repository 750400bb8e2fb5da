/** Requests against the schemas of the table: all mistakes at once, each with its place. */
import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { TackError } from '../../domain/errors.ts';
import { placesOf } from './places.ts';

export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    const errors = placesOf(httpPart, parsed.error.issues);
    return {
      error: new TackError('request_invalid', errors.map(({ place, message }) => `${place}: ${message}`).join('; '), {
        data: { errors },
      }),
    };
  };
