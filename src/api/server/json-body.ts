/** JSON bodies, with the place of what is no JSON. */
import type { FastifyInstance } from 'fastify';
import { TackError } from '../../domain/errors.ts';
import { jsonMistake } from './json-place.ts';

/** Replaces the parser: an empty body is none, and `__proto__` is refused as Fastify's own parser refuses it. */
export function takeJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body === '') return done(null, undefined);
    return parse(request, body, (error, value) => (error ? done(jsonFailure(body)) : done(null, value)));
  });
}

/** Says where, and quotes nothing: a body may hold anything. */
export function jsonFailure(body: string): TackError {
  const mistake = jsonMistake(body);
  const place = mistake ? `body ${lineAndColumn(body, mistake.index)}` : 'body';
  const message = mistake
    ? `expected ${mistake.expected}`
    : 'the keys __proto__ and constructor.prototype are not taken';
  return new TackError('json_invalid', `${place}: ${message}`, { data: { errors: [{ place, message }] } });
}

function lineAndColumn(text: string, index: number): string {
  const before = text.slice(0, index).split('\n');
  return `line ${before.length} column ${(before.at(-1)?.length ?? 0) + 1}`;
}
