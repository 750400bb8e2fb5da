/** A POST that is sent twice with one key is one: the answer is kept and given again. */
import { canonicalJson } from '../../domain/canonical.ts';
import { TackError } from '../../domain/errors.ts';
import type { Records } from '../../domain/ports/records.ts';
import type { Sha256 } from '../../domain/canonical.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly replayed: boolean;
}

interface Request {
  /** The client's Idempotency-Key; null: the request stands for itself. */
  readonly key: string | null;
  readonly method: string;
  /** Without the query: a repeat may wait for another time. */
  readonly path: string;
  readonly body: unknown;
}

/**
 * Answers from memory, or acts and remembers. Only successes are kept: a refusal is judged again. The commands behind are
 * idempotent themselves, so a crash between acting and remembering doubles nothing.
 */
export async function once(
  parts: { readonly records: Records; readonly sha256: Sha256 },
  request: Request,
  act: () => Promise<{ status: number; body: unknown }>,
): Promise<Answer> {
  if (request.key === null) return { ...(await act()), replayed: false };
  const digest = parts.sha256(canonicalJson([request.method, request.path, request.body ?? null]));
  const known = await parts.records.idempotent(request.key, digest);
  if (known.kind === 'mismatch')
    throw new TackError('idempotency_mismatch', `The key ${request.key} belongs to another request.`);
  if (known.kind === 'known') return { status: known.status, body: known.body, replayed: true };
  const answer = await act();
  await parts.records.remember(request.key, digest, answer);
  return { ...answer, replayed: false };
}

/** The header's value, or null. Throws `request_invalid` on what is no key. */
export function keyOf(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header)) return header;
  const message = 'a key has 1 to 200 printable characters without spaces';
  throw new TackError('request_invalid', `Idempotency-Key: ${message}`, {
    data: { errors: [{ place: 'header idempotency-key', message }] },
  });
}
