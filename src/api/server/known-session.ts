/** Session ids that come in by the path: known, or `session_not_found`. */
import { TackError } from '../../domain/errors.ts';
import type { SessionRow } from '../../domain/ports/projections.ts';
import type { SessionRecord } from '../../domain/ports/records.ts';
import type { ServerParts } from './parts.ts';

export interface KnownSession {
  readonly record: SessionRecord;
  /** Null until the first event of its log. */
  readonly row: SessionRow | null;
}

export async function requireSession(
  { projections, records }: Pick<ServerParts, 'projections' | 'records'>,
  session_id: string,
): Promise<KnownSession> {
  const [record, row] = await Promise.all([records.session(session_id), projections.session(session_id)]);
  if (record === null)
    throw new TackError('session_not_found', `There is no session ${JSON.stringify(session_id.slice(0, 100))}.`);
  return { record, row };
}
