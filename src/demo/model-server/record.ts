/** The server's own log: an oracle outside of Tackroom. Credentials are kept as hashes only. */
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import type { SentCall, Tokens } from './anthropic.ts';

export interface RecordedRequest {
  readonly n: number;
  readonly at: string;
  readonly path: string;
  readonly tag: string | null;
  /** Of all prompts that it carried: what the model has heard so far. */
  readonly tags: readonly string[];
  readonly hash: string;
  readonly step: number;
  readonly tools: readonly string[];
  readonly last: string;
  /** Results that the request carried, by call id. */
  readonly results: Readonly<Record<string, string>>;
  readonly calls: readonly SentCall[];
  readonly usage: Tokens | null;
  /** SHA-256 of x-api-key or of the bearer token. */
  readonly credential: string | null;
  readonly status: number;
  ended: 'whole' | 'aborted' | 'open';
}

export interface Recorder {
  readonly requests: RecordedRequest[];
  add(request: Omit<RecordedRequest, 'n' | 'at' | 'ended'>): RecordedRequest;
  ended(request: RecordedRequest, how: 'whole' | 'aborted'): void;
}

/** `file`: each request and each end is a line of it at once, so that the record survives the server. */
export function createRecorder(file: string | null): Recorder {
  const requests: RecordedRequest[] = [];
  const write = (line: unknown) => file !== null && appendFileSync(file, `${JSON.stringify(line)}\n`);
  return {
    requests,
    add(request) {
      const recorded: RecordedRequest = { n: requests.length, at: new Date().toISOString(), ...request, ended: 'open' };
      requests.push(recorded);
      write(recorded);
      return recorded;
    },
    ended(request, how) {
      request.ended = how;
      write({ n: request.n, ended: how });
    },
  };
}

export function credentialHash(headers: IncomingHttpHeaders): string | null {
  const said = headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer /i, '');
  return typeof said === 'string' ? createHash('sha256').update(said).digest('hex') : null;
}
