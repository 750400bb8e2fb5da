/** worker → broker, over `run/broker.sock`: the endpoints of running sessions. */
import { z } from 'zod';
import type { Sha256 } from '../canonical.ts';
import { isErrorCode, TackError } from '../errors.ts';

export const Upstream = z.object({
  /** `model` is the session's model endpoint. */
  name: z.string(),
  base_url: z.string(),
  /** Which credential the broker injects; it knows the secret, the worker only the name. Null: none is needed (scripted). */
  credential_ref: z.string().nullable(),
});
export const PutEndpoint = z.object({
  epoch: z.number().int(),
  turn_id: z.string(),
  upstreams: z.array(Upstream),
  judge: z.string().describe('Path of the socket that answers POST /judge, relative to the run folder.'),
});
export type PutEndpoint = z.infer<typeof PutEndpoint>;
/** `dir` is a host path that the sandbox binds at /run/tack; its `e.sock` speaks HTTP/1.1. */
export const EndpointAnswer = z.object({ dir: z.string() });
export type EndpointAnswer = z.infer<typeof EndpointAnswer>;

/** PUT /credentials: from `tack run`'s own environment by way of the server; memory only. `source` names where it came from, never the value. */
export const Credential = z.object({
  ref: z.string(),
  kind: z.enum(['api_key', 'bearer']),
  secret: z.string().min(1),
  /** Where it may be sent, and nowhere else; null: to its vendor. */
  base_url: z.string().nullable(),
  source: z.string(),
  /** PEM of further roots that this upstream is trusted by (NODE_EXTRA_CA_CERTS). */
  ca: z.string().nullish(),
});
export type Credential = z.infer<typeof Credential>;
/** What a process that holds credentials is started with, on a descriptor: an environment can be read by every process of its user. */
export const HandOver = z.object({
  /** Of the environment of `tack up`: these go before others. */
  own: z.array(Credential),
  /** Given by people since then. */
  given: z.array(Credential),
});
export type HandOver = z.infer<typeof HandOver>;

/** What tells two secrets apart without showing one. */
export const fingerprintOf = (secret: string, sha256: Sha256): string =>
  sha256(`tackroom/credential/1 ${secret}`).slice(0, 8);

/** What may be said about a credential: GET /credentials. `fingerprint` is that of `fingerprintOf`. */
export const CredentialInfo = z.object({
  ref: z.string(),
  kind: z.enum(['api_key', 'bearer']),
  base_url: z.string().nullable(),
  source: z.string(),
  fingerprint: z.string(),
});
export type CredentialInfo = z.infer<typeof CredentialInfo>;

export const BrokerHealth = z.object({
  ok: z.literal(true),
  pid: z.number().int(),
  endpoints: z.number().int(),
  credentials: z.array(CredentialInfo),
});
export type BrokerHealth = z.infer<typeof BrokerHealth>;

/** What the broker refused, from its answer. */
export function brokerRefusal(status: number, text: string): TackError {
  const { code, detail } = JSON.parse(text || '{}') as { readonly code?: unknown; readonly detail?: unknown };
  return new TackError(
    isErrorCode(code) ? code : 'broker_unavailable',
    String(detail ?? `The broker answered ${status}.`),
  );
}
