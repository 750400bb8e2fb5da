/** The room, counted. */
import type { Kysely } from 'kysely';
import type { Census } from '../../domain/ports/oversight.ts';
import type { SessionRow } from '../../domain/ports/projections.ts';
import type { SessionState } from '../../domain/session/state.ts';
import type { Tables } from '../tables.ts';

/** A queue is there while a turn is open. */
const WITH_A_QUEUE = ['starting', 'running', 'requires_action', 'paused'];

export function createCensus(read: Kysely<Tables>): Census {
  return {
    async sessionsByStatus() {
      const rows = await read
        .selectFrom('session_view')
        .select(({ fn }) => ['status', fn.countAll<number | string>().as('count')])
        .groupBy('status')
        .orderBy('status')
        .execute();
      return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
    },
    async quiet(statuses, since) {
      const rows = await read
        .selectFrom('session_view')
        .select('session_row')
        .where('status', 'in', statuses)
        .execute();
      return rows
        .map(({ session_row }) => JSON.parse(session_row) as SessionRow)
        .filter(({ updated_at }) => updated_at < since);
    },
    async oldestPrompt() {
      const rows = await read
        .selectFrom('session_view')
        .select(['session_id', 'state'])
        .where('status', 'in', WITH_A_QUEUE)
        .where('state', 'is not', null)
        .where('state', 'not like', '%"queue":[]%')
        .execute();
      const waiting = await Promise.all(
        rows.flatMap(({ session_id, state }) =>
          (JSON.parse(state ?? '') as SessionState).queue.map(({ turn_id }) => saidAt(read, session_id, turn_id)),
        ),
      );
      return waiting.flatMap((said) => said ?? []).toSorted((a, b) => (a.since < b.since ? -1 : 1))[0] ?? null;
    },
  };
}

/** The message names the turn that it will begin. */
async function saidAt(read: Kysely<Tables>, session_id: string, turn_id: string) {
  const event = await read
    .selectFrom('event')
    .select('body')
    .where('log_id', '=', session_id)
    .where('type', '=', 'user.message')
    .where('body', 'like', `%"${turn_id}"%`)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return event && { session_id, turn_id, since: (JSON.parse(event.body) as { created_at: string }).created_at };
}
