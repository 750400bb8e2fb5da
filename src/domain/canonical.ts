/** One spelling for one value: RFC 8785 JSON, the input of every digest and of the log's hash chain. */
import canonicalize from 'canonicalize';

/** SHA-256 of a UTF-8 text, as lower-case hex. Handed in, because the domain imports no Node built-in. */
export type Sha256 = (text: string) => string;

/** RFC 8785 JSON of a value. Throws on what JSON cannot say (NaN, functions). */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('This value has no JSON form.');
  return text;
}

/** SHA-256 over the RFC 8785 JSON of a value. */
export function digestOf(value: unknown, sha256: Sha256): string {
  return sha256(canonicalJson(value));
}
