/** The credentials of this host's models. In the memory of this process, and shown to nobody. */
import { TackError } from '../../domain/errors.ts';
import { fingerprintOf, type Credential, type CredentialInfo } from '../../domain/wires/broker.ts';
import type { Sha256 } from '../../domain/canonical.ts';

/** A secret and the one place it may be sent to. */
export interface BoundCredential extends Credential {
  readonly base: URL;
}

export interface Credentials {
  /** Answers what is used from now on: one of the broker's own start stays. `request_invalid` when it has no safe place to go. */
  put(credential: Credential): CredentialInfo;
  /** Throws `credential_missing`. */
  find(ref: string): BoundCredential;
  list(): readonly CredentialInfo[];
}

export interface CredentialsOptions {
  /** Those that the broker was started with. One that cannot be used is told to whoever needs it. */
  readonly own: readonly Credential[];
  readonly sha256: Sha256;
  /** Those that people gave to the broker before this one. */
  readonly given: readonly Credential[];
  /** A person gave one: for whoever starts the next broker. */
  readonly keep: (credential: Credential) => void;
}

const VENDORS: Readonly<Record<string, string>> = { anthropic: 'https://api.anthropic.com' };

export function createCredentials({ own, given, keep, sha256 }: CredentialsOptions): Credentials {
  const held = new Map<string, BoundCredential>();
  const faults = new Map<string, string>();
  for (const credential of own)
    try {
      held.set(credential.ref, bind(credential));
    } catch (error) {
      faults.set(credential.ref, error instanceof Error ? error.message : String(error));
    }
  const first = new Set(held.keys());
  for (const credential of given) if (!first.has(credential.ref)) held.set(credential.ref, bind(credential));
  const info = ({ ref, kind, base_url, secret, source }: BoundCredential): CredentialInfo => ({
    ...{ ref, kind, base_url, source },
    fingerprint: fingerprintOf(secret, sha256),
  });
  return {
    put(credential) {
      const bound = bind(credential);
      if (!first.has(credential.ref)) {
        held.set(credential.ref, bound);
        keep(credential);
      }
      return info(held.get(credential.ref) ?? bound);
    },
    find(ref) {
      const found = held.get(ref);
      if (found) return found;
      throw new TackError('credential_missing', faults.get(ref) ?? `The broker holds no credential for \`${ref}\`.`);
    },
    list: () => [...held.values()].map(info),
  };
}

/** To its own upstream over TLS; in the clear only to a model server of this very machine. */
export function bind(credential: Credential): BoundCredential {
  const { ref, base_url, secret, source } = credential;
  if (!/^[\x21-\x7e]+$/.test(secret))
    throw new TackError('request_invalid', `${source} has characters that no key has.`);
  const place = base_url ?? VENDORS[ref];
  if (place === undefined) throw new TackError('request_invalid', `A credential for \`${ref}\` needs a base_url.`);
  return { ...credential, base: upstreamUrl(place, source) };
}

export function upstreamUrl(text: string, source: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const bad = (why: string) => new TackError('request_invalid', `The base URL of ${source} ${why}`);
  if (!url || !/^https?:$/.test(url.protocol)) throw bad('is no http(s) URL.');
  if (url.username || url.password) throw bad('names a user or a password: give the credential by itself.');
  if (url.search || url.hash) throw bad('has a query or a fragment.');
  if (url.protocol === 'http:' && !/^(127(\.\d+){3}|\[::1\]|localhost)$/.test(url.hostname))
    throw bad(`is plain http, and ${url.hostname} is not this machine. Use https.`);
  return url;
}
