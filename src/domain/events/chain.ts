/** The hash chain of a log: each event's hash covers the one before it, the envelope, and the digests of its content. */
import { canonicalJson, type Sha256 } from '../canonical.ts';
import type { Envelope } from './envelope.ts';

/** What is hashed: `data` holds blob references in place of large fields. */
export type Unsealed = Omit<Envelope, 'hash'>;

/** `prev_hash` of the first event of a log. */
export const genesisOf = (log_id: string, sha256: Sha256): string => sha256(`tackroom/1/${log_id}`);

/** The text that is kept and hashed: RFC 8785 JSON of the envelope without its hash. */
export const bodyOf = (envelope: Unsealed): string => canonicalJson(envelope);

/** `sha256(prev_hash ‖ body)`. */
export const hashOf = (prev_hash: string, body: string, sha256: Sha256): string => sha256(prev_hash + body);
