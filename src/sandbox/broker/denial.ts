/** A refusal that a machine, the model and a person can read: the rule, the reason, the way out. */
import type { ServerResponse } from 'node:http';
import { ERROR_KINDS, type ErrorCode } from '../../domain/errors.ts';

export interface Denial {
  readonly status: number;
  readonly code: ErrorCode;
  /** Name of the rule of a policy, or of the broker's own. */
  readonly rule: string;
  readonly reason: string;
  readonly way_out: string;
}

/** A refusal by the broker's own rules. */
export const refusal = (rule: string, reason: string, more: Partial<Denial> = {}): Denial => ({
  status: 403,
  code: 'egress_denied',
  rule,
  reason,
  way_out: ERROR_KINDS[more.code ?? 'egress_denied'].way_out,
  ...more,
});

export const isDenial = (value: object): value is Denial => 'rule' in value;

/** In the words of the Messages API, so that its clients show them; with our fields beside. The connection ends. */
export function sendDenial(response: ServerResponse, denial: Denial): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const { head, body } = written(denial);
  response.writeHead(denial.status, phrase(denial), head).end(body);
}

/** The same for a connection that has no response object. */
export function rawDenial(denial: Denial): string {
  const { head, body } = written(denial);
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${denial.status} ${phrase(denial)}`, ...lines, '', body].join('\r\n');
}

function written(denial: Denial): { readonly head: Readonly<Record<string, string>>; readonly body: string } {
  const { status, code, rule, reason, way_out } = denial;
  const lasting = status < 500;
  const message = `Tackroom: ${reason} ${way_out}${lasting ? ' This is a rule, not an outage: trying again does not help.' : ''}`;
  const body = JSON.stringify({
    type: 'error',
    error: { type: errorType(status), message },
    ...{ code, rule, reason, way_out },
  });
  const head = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    'x-tack-denied': ascii(rule, 100),
    'x-should-retry': String(!lasting),
  };
  return { head, body };
}

const phrase = ({ rule, way_out }: Denial): string => ascii(`Tackroom: ${rule}; ${way_out}`, 200);
const ascii = (text: string, most: number): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, most);

function errorType(status: number): string {
  if (status === 403) return 'permission_error';
  if (status === 413) return 'request_too_large';
  return status < 500 ? 'invalid_request_error' : 'api_error';
}
