/** What was allowed for longer: read off the states of the machines. */
import type { Kysely } from 'kysely';
import type { SessionGrant } from '../../domain/ports/projections.ts';
import { SESSION_STATUSES } from '../../domain/session/status.ts';
import type { SessionState } from '../../domain/session/state.ts';
import type { Tables } from '../tables.ts';

const OPEN = SESSION_STATUSES.filter((status) => status !== 'closed');
const NONE = '%"grants":[]%';

/** Of the sessions that are open. Few hold any: the others are left out before their state is parsed. */
export async function heldGrants(read: Kysely<Tables>, session_id: string | null): Promise<readonly SessionGrant[]> {
  const rows = await read
    .selectFrom('session_view')
    .select(['session_id', 'project_id', 'state'])
    .where('status', 'in', OPEN)
    .where('state', 'not like', NONE)
    .$if(session_id !== null, (query) => query.where('session_id', '=', session_id!))
    .orderBy('created_at')
    .orderBy('session_id')
    .execute();
  return rows.flatMap(
    ({ state, ...of }) =>
      (JSON.parse(state ?? '{}') as Partial<SessionState>).grants?.map((grant) => ({ ...of, grant })) ?? [],
  );
}
