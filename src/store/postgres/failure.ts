/** What Postgres and the way to it say, in the words of the error table. Messages name server and database, never the user's password. */
import { isTackError, TackError } from '../../domain/errors.ts';

/** Of a socket, and of a server that starts, ends, or has no room. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const AWAY = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'],
  ...['57P01', '57P02', '57P03', '53300'],
]);
/** `pg` gives these no code. */
const LOST =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect)/;
/** Two transactions met, and this one was undone. */
const CROSSED = new Set(['40001', '40P01', '23505']);

type Said = { readonly code?: unknown; readonly message?: unknown };
const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as Said;
  return typeof code === 'string' ? code : '';
};
const wordsOf = (error: unknown): string => String((error as Said | null)?.message ?? error);

/** The server cannot be reached now; the same again may work in a moment. */
export const isAway = (error: unknown): boolean =>
  AWAY.has(codeOf(error)) || codeOf(error).startsWith('08') || LOST.test(wordsOf(error));

/** Nothing of it was kept, and the same again may work at once. */
export const isCrossed = (error: unknown): boolean => CROSSED.has(codeOf(error));

const WAYS: Readonly<Record<string, string>> = {
  '28P01': 'refuses this user or password: check DATABASE_URL',
  '28000': 'refuses this user: check DATABASE_URL',
  '3D000': 'has no such database: create it, or check DATABASE_URL',
  '42501': 'does not let this user make or write the tables: let them own the database or the schema',
  '55P03': 'has kept a lock for too long: look for a transaction that does not end (pg_stat_activity)',
  '57014': 'did not answer in time: look for what keeps it busy (pg_stat_activity)',
  '25P03': 'ended a transaction that stood still: this process was stopped for too long',
  '53100': 'has a full disk: free some space',
  '53200': 'has no memory left',
  '25006': 'takes no writes: it is a standby; let DATABASE_URL name the primary',
  ENOTFOUND: 'cannot be found by its name: check DATABASE_URL',
  XX001: 'says that its data is damaged',
  XX002: 'says that its index is damaged',
};

/** The error of the table. What stands in a statement is content, so of an unknown failure only code and message go on. */
export function storeFailure(error: unknown, where: string): TackError {
  if (isTackError(error)) return error;
  const code = codeOf(error);
  if (code.startsWith('XX00'))
    return new TackError('store_corrupt', `Postgres at ${where} ${WAYS[code] ?? wordsOf(error)}.`);
  const way = WAYS[code];
  if (way) return new TackError('store_unavailable', `Postgres at ${where} ${way}.`, { data: { code } });
  if (isAway(error))
    return new TackError('store_unavailable', `Postgres at ${where} does not answer (${code || wordsOf(error)}).`);
  if (/end on the pool/.test(wordsOf(error))) return new TackError('store_unavailable', 'The store was closed.');
  return new TackError(
    'internal',
    `Postgres at ${where} refused a statement (${code || 'no code'}): ${wordsOf(error)}`,
  );
}
