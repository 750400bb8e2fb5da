/** A POST that is sent twice with one key is one: the answer is kept and given again. */
import { canonicalJson, type Sha256 } from '../../domain/canonical.ts';
import { DEFAULTS } from '../../domain/defaults.ts';
import { ERROR_KINDS, isTackError, TackError } from '../../domain/errors.ts';
import type { Records } from '../../domain/ports/records.ts';

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

type Act = () => Promise<{ status: number; body: unknown }>;
export type Once = (request: Request, act: Act) => Promise<Answer>;

/**
 * Answers from memory, or acts and remembers. The key is taken before anything is done, so that nobody else's words count under it; two
 * at the same time get one answer. A refusal gives the key back: nothing was done, and it is judged again. Where it is not known whether
 * something was done (a crash, an engine that did not answer) the key stays taken, and the same request acts again: the commands behind
 * are idempotent by the key themselves.
 */
export function createOnce({ records, sha256, now }: Parts): Once {
  const underWay = new Map<string, { readonly digest: string; readonly answer: Promise<Answer> }>();

  async function answered(key: string, digest: string, act: Act): Promise<Answer> {
    const claim = await records.claim(key, digest, forgetBefore(now()));
    if (claim.kind === 'mismatch') throw mismatch(key);
    if (claim.kind === 'known') return { status: claim.status, body: claim.body, replayed: true };
    try {
      const answer = await act();
      await records.remember(key, digest, answer);
      return { ...answer, replayed: false };
    } catch (error) {
      if (isTackError(error) && ERROR_KINDS[error.code].status < 500) await records.release(key, digest);
      throw error;
    }
  }

  return async ({ key, method, path, body }, act) => {
    if (key === null) return { ...(await act()), replayed: false };
    const digest = sha256(canonicalJson([method, path, body ?? null]));
    const twin = underWay.get(key);
    if (twin && twin.digest !== digest) throw mismatch(key);
    if (twin) return { ...(await twin.answer), replayed: true };
    const answer = answered(key, digest, act).finally(() => underWay.delete(key));
    underWay.set(key, { digest, answer });
    return answer;
  };
}

interface Parts {
  readonly records: Pick<Records, 'claim' | 'remember' | 'release'>;
  readonly sha256: Sha256;
  /** RFC 3339. */
  readonly now: () => string;
}

/** Keys that were taken before this are forgotten. */
export const forgetBefore = (now: string): string =>
  new Date(Date.parse(now) - DEFAULTS.idempotency_kept_s * 1000).toISOString();

const mismatch = (key: string): TackError =>
  new TackError('idempotency_mismatch', `The key ${key} belongs to another request.`);

/** The header's value, or null. Throws `request_invalid` on what is no key. */
export function keyOf(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header)) return header;
  const message = 'a key has 1 to 200 printable characters without spaces';
  throw new TackError('request_invalid', `Idempotency-Key: ${message}`, {
    data: { errors: [{ place: 'header idempotency-key', message }] },
  });
}
