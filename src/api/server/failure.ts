/** One mapping from whatever was thrown to an error of the table. */
import type { FastifyError } from 'fastify';
import { TackError, isTackError } from '../../domain/errors.ts';

/** The error that a client is told. What we cannot name is `internal`, without its words: they may hold anything. */
export function failureOf(error: unknown): TackError {
  if (isTackError(error)) return error;
  const { code, message } = (error ?? {}) as Partial<FastifyError>;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new TackError('request_too_large', 'The body is larger than 25 MB.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new TackError('media_type_invalid', 'The body is not application/json.', {
        data: { errors: [{ place: 'header content-type', message: String(message) }] },
      });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new TackError('json_invalid', String(message), {
        data: { errors: [{ place: 'body', message: String(message) }] },
      });
    case 'FST_ERR_BAD_URL':
      return new TackError('route_not_found', 'The path is malformed.');
    default:
      return new TackError('internal', 'The server met an error that it does not know.', { cause: error });
  }
}
