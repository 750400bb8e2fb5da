/** Folds new events into the rows that lists show, in the transaction that appends them. */
import type { Transaction } from 'kysely';
import type { Envelope } from '../../domain/events/envelope.ts';
import { approvalsNamedBy, foldApprovals, type ApprovalFold } from '../../domain/events/fold-approval.ts';
import { foldSession, type SessionFold } from '../../domain/events/fold-session.ts';
import type { SessionRow } from '../../domain/ports/projections.ts';
import { MACHINE_EVENTS } from '../../domain/session/event.ts';
import type { SessionState } from '../../domain/session/state.ts';
import type { Tables } from '../tables.ts';

/** `events` as they are kept, in order. */
export async function project(trx: Transaction<Tables>, log_id: string, events: readonly Envelope[]): Promise<void> {
  if (events.length === 0) return;
  await projectSession(trx, log_id, events);
  await projectApprovals(trx, events);
}

const OF_MACHINE: ReadonlySet<string> = new Set(MACHINE_EVENTS);

async function projectSession(trx: Transaction<Tables>, session_id: string, events: readonly Envelope[]) {
  const moves = events.some(({ type }) => OF_MACHINE.has(type)); // else the state is neither read nor written: it may have 64 KB
  const known = await trx
    .selectFrom('session_view')
    .select('session_row')
    .$if(moves, (query) => query.select('state'))
    .where('session_id', '=', session_id)
    .executeTakeFirst();
  const before: SessionFold | null = known
    ? {
        row: JSON.parse(known.session_row) as SessionRow,
        state: known.state ? (JSON.parse(known.state) as SessionState) : null,
      }
    : null;
  const after = events.reduce<SessionFold | null>(foldSession, before);
  if (!after) return;
  const { project_id, status, created_at } = after.row;
  const columns = {
    project_id,
    status,
    created_at,
    session_row: JSON.stringify(after.row),
    ...(moves && { state: after.state && JSON.stringify(after.state) }),
  };
  await trx
    .insertInto('session_view')
    .values({ session_id, state: null, ...columns })
    .onConflict((same) => same.column('session_id').doUpdateSet(columns))
    .execute();
}

async function projectApprovals(trx: Transaction<Tables>, events: readonly Envelope[]): Promise<void> {
  const named = [...new Set(events.flatMap(approvalsNamedBy))];
  if (named.length === 0) return;
  const rows = await trx
    .selectFrom('approval_view')
    .select(['approval_id', 'approval_row'])
    .where('approval_id', 'in', named)
    .execute();
  const known = new Map(rows.map((row) => [row.approval_id, JSON.parse(row.approval_row) as ApprovalFold]));
  const changed = new Map<string, ApprovalFold>();
  for (const event of events)
    for (const row of foldApprovals(known, event)) {
      known.set(row.approval_id, row);
      changed.set(row.approval_id, row);
    }
  for (const row of changed.values()) {
    const { approval_id, session_id, status, requested_at } = row;
    const columns = { session_id, status, requested_at, approval_row: JSON.stringify(row) };
    await trx
      .insertInto('approval_view')
      .values({ approval_id, ...columns })
      .onConflict((same) => same.column('approval_id').doUpdateSet(columns))
      .execute();
  }
}
