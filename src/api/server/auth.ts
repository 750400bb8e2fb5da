/** Who may speak to the server: the token, and the two headers that a page of another site cannot forge (DNS rebinding). */
import { createHash, timingSafeEqual } from 'node:crypto';
import { TackError } from '../../domain/errors.ts';

/** Throws `auth_failed` unless the header brings the token. The comparison takes the same time for every wrong one. */
export function requireToken(authorization: string | undefined, token: string): void {
  const given = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1];
  if (given === undefined)
    throw new TackError(
      'auth_failed',
      authorization ? 'The Authorization header is no bearer token.' : 'There is no Authorization header.',
    );
  if (!timingSafeEqual(sha256(given), sha256(token))) throw new TackError('auth_failed', 'The token is wrong.');
}

/** The same header, with the password of Basic as its token: a browser that opens a page can send no other. The name is anybody's. */
export function asBearer(authorization: string | undefined): string | undefined {
  const basic = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) return authorization;
  return `Bearer ${Buffer.from(basic, 'base64')
    .toString()
    .replace(/^[^:]*:/, '')}`;
}

const LOCAL = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Throws `origin_refused` unless the request names this machine as its host and comes from no page of another one. */
export function requireLocal({
  host,
  origin,
}: {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}): void {
  const name = host?.replace(/:\d+$/, '').toLowerCase();
  if (name === undefined || !LOCAL.has(name))
    throw new TackError('origin_refused', `Host ${JSON.stringify(host ?? '')} is not this server.`);
  if (origin !== undefined && origin !== `http://${host}`)
    throw new TackError('origin_refused', `Origin ${JSON.stringify(origin)} is not this server.`);
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
