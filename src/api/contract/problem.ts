/** How every refusal looks on the wire: RFC 9457, `application/problem+json`. */
import { z } from 'zod';
import { ERROR_KINDS, TackError, isErrorCode, type ErrorCode } from '../../domain/errors.ts';

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().describe('What happened, with the value met.'),
    instance: z.string(),
    code: z.string().describe('A code of the table of errors.'),
    request_id: z.string(),
    retryable: z.boolean().describe('Whether the same call may succeed later without a change.'),
    remediation: z.string().describe('The way out: what to do next.'),
    errors: z
      .array(z.object({ place: z.string().describe('Such as `body.content[0].text`.'), message: z.string() }))
      .describe('Each mistake, with its place.'),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('What the code adds: who decided first, which files are dirty.'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

/** The problem that says this error. `at` is where it was met. */
export function problemOf(error: TackError, at: { readonly instance: string; readonly request_id: string }): Problem {
  const kind = ERROR_KINDS[error.code];
  const { errors = [], ...details } = (error.data ?? {}) as { errors?: Problem['errors'] };
  return {
    type: `https://tackroom.dev/errors/${error.code}`,
    title: kind.title,
    status: kind.status,
    detail: error.message,
    instance: at.instance,
    code: error.code,
    request_id: at.request_id,
    retryable: kind.retryable,
    remediation: kind.way_out,
    errors,
    ...(Object.keys(details).length > 0 && { details }),
  };
}

/** The error that a problem says, for clients. A code of a newer server counts as `internal`, with its words kept. */
export function errorOf(problem: Partial<Problem>, status: number): TackError {
  const code: ErrorCode = isErrorCode(problem.code) ? problem.code : 'internal';
  const data = {
    ...problem.details,
    status,
    ...(problem.request_id && { request_id: problem.request_id }),
    ...(problem.errors?.length && { errors: problem.errors }),
  };
  return new TackError(code, problem.detail ?? problem.title ?? `The server answered ${status}.`, { data });
}
