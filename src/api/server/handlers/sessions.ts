/** Starting sessions and listing them. */
import type { Routes } from '../../contract/routes.ts';
import type { Call, Handlers } from '../handler.ts';
import { requireSession } from '../known-session.ts';
import { firstMessage, recorded } from '../new-session.ts';
import type { ServerParts } from '../parts.ts';
import { listView } from '../view/list.ts';
import { requireRow, stretchOf } from '../view/stretch.ts';
import { sessionView } from '../view/session.ts';

type Rows = Pick<Handlers['sessions'], 'create' | 'list' | 'show'>;

export function sessionHandlers(parts: ServerParts): Rows {
  const { engine, oversight, projections, records } = parts;
  return {
    async create(call: Call<Routes['sessions']['create']>) {
      const record = await recorded(parts, call);
      const { session_id } = record;
      const message = await firstMessage(parts, session_id, call);
      const turn_id = message && (await engine.say(record, 'queue', message)).turn_id;
      return { ...sessionView(record, await projections.session(session_id)), turn_id, turn: null };
    },
    async list({ query: { status, project_id, ...query } }) {
      await requireRow(query, projections.session);
      const page = await projections.sessions({
        ...stretchOf(query),
        ...(status && { status }),
        ...(project_id && { project_id }),
      });
      const [stuck, known] = await Promise.all([
        oversight.stuckAmong(page.data),
        Promise.all(page.data.map(async (row) => ({ row, record: await records.session(row.session_id) }))),
      ]);
      const views = known.flatMap(({ row, record }) =>
        record ? [sessionView(record, row, stuck.get(row.session_id))] : [],
      );
      return listView(views, page.has_more, ({ id }) => id);
    },
    async show({ params: { session_id } }) {
      const { record, row } = await requireSession(parts, session_id);
      const seen = row ?? { session_id, status: 'starting', updated_at: record.created_at }; // nothing of it is in the log yet
      const stuck = (await oversight.stuckAmong([seen])).get(session_id);
      return sessionView(record, row, stuck);
    },
  };
}
