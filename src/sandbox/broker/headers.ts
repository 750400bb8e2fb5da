/** Which headers pass: closed lists, so that what nobody thought of stays where it is. Pure. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

const OUT =
  /^(accept|accept-language|content-type|user-agent|x-app|anthropic-(version|beta|dangerous-.*)|x-stainless-.*|x-claude-.*)$/;
const IN = /^(content-type|content-length|cache-control|request-id|retry-after|x-should-retry|anthropic-ratelimit-.*)$/;

/** Towards the upstream: no credential from inside, no hop-by-hop header, no other host; nothing compressed comes back. */
export const outward = (headers: IncomingHttpHeaders): OutgoingHttpHeaders => ({
  ...pick(headers, OUT),
  'accept-encoding': 'identity',
});

/** Towards the sandbox: no cookie, and no value that holds the secret. */
export function inward(headers: IncomingHttpHeaders, secret: string | null): OutgoingHttpHeaders {
  const clean = Object.entries(pick(headers, IN)).filter(([, value]) => secret === null || !value.includes(secret));
  return Object.fromEntries(clean);
}

/** `authorization` or `x-api-key`; the one place where the secret becomes a header. */
export const credentialHeader = (kind: 'api_key' | 'bearer', secret: string): OutgoingHttpHeaders =>
  kind === 'bearer' ? { authorization: `Bearer ${secret}` } : { 'x-api-key': secret };

function pick(headers: IncomingHttpHeaders, which: RegExp): Record<string, string> {
  const found = Object.entries(headers).filter(([name]) => which.test(name));
  return Object.fromEntries(found.map(([name, value]) => [name, String(value)]));
}
