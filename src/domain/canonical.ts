/** One spelling for one value: RFC 8785 JSON, the input of every digest and of the log's hash chain. */
import canonicalize from 'canonicalize';

/** SHA-256 of a UTF-8 text, as lower-case hex. Handed in, because the domain imports no Node built-in. */
export type Sha256 = (text: string) => string;

/**
 * RFC 8785 JSON of a value. Throws on what JSON cannot say (NaN, functions). Half of a surrogate pair, which a text has that was
 * cut between two, is spelled U+FFFD: the RFC has no spelling for it, and every program that writes it as bytes does the same.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(isWellFormed(value) ? value : wellFormed(value));
  if (text === undefined) throw new TypeError('This value has no JSON form.');
  return text;
}

const isWellFormed = (value: unknown): boolean => !HALF.test(JSON.stringify(value) ?? '');
/** As JSON spells half of a pair: a whole pair stands for itself. */
const HALF = /\\ud[89a-f][0-9a-f]{2}/;

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toWellFormed(), wellFormed(inner)]));
}

/** SHA-256 over the RFC 8785 JSON of a value. */
export function digestOf(value: unknown, sha256: Sha256): string {
  return sha256(canonicalJson(value));
}
