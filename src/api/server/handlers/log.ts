/** Reading what happened: events, turns, the queue. */
import type { Envelope } from '../../../domain/events/envelope.ts';
import type { Turn } from '../../contract/turn.ts';
import type { Handlers } from '../handler.ts';
import { requireSession } from '../known-session.ts';
import { eventsOf } from '../log-pages.ts';
import type { ServerParts } from '../parts.ts';
import { listView } from '../view/list.ts';
import { QUEUE_EVENTS, queueView } from '../view/queue.ts';
import { TURN_EVENTS, foldTurn } from '../view/turns.ts';

type Rows = Pick<Handlers['sessions'], 'events' | 'turns' | 'queue'>;

export function logHandlers(parts: ServerParts): Rows {
  const { log } = parts;
  return {
    async events({ params: { session_id }, query: { after, limit, types } }) {
      await requireSession(parts, session_id);
      const wanted = types?.split(',').filter(Boolean);
      const events = await log.read(session_id, { after, limit: limit + 1, ...(wanted && { types: wanted }) });
      return listView(events.slice(0, limit), events.length > limit, ({ seq }) => String(seq));
    },
    async turns({ params: { session_id }, query: { after, limit } }) {
      await requireSession(parts, session_id);
      let turns: ReadonlyMap<string, Turn> = new Map();
      for await (const event of eventsOf(log, session_id, TURN_EVENTS)) turns = foldTurn(turns, event);
      const all = [...turns.values()];
      const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
      return listView(all.slice(from, from + limit), all.length > from + limit, ({ id }) => id);
    },
    async queue({ params: { session_id } }) {
      await requireSession(parts, session_id);
      const events: Envelope[] = [];
      for await (const event of eventsOf(log, session_id, QUEUE_EVENTS)) events.push(event);
      return listView(queueView(events), false, ({ id }) => id);
    },
  };
}
