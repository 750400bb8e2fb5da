/** Reading what happened: events, turns, the queue. */
import type { Envelope } from '../../../domain/events/envelope.ts';
import type { Turn } from '../../contract/turn.ts';
import type { Handlers } from '../handler.ts';
import { requireSession } from '../known-session.ts';
import { eventsOf } from '../log-pages.ts';
import type { ServerParts } from '../parts.ts';
import { listView } from '../view/list.ts';
import { pageOf, refuseTwoCursors } from '../view/page.ts';
import { QUEUE_EVENTS, queueView } from '../view/queue.ts';
import { TURN_EVENTS, foldTurn } from '../view/turns.ts';

type Rows = Pick<Handlers['sessions'], 'events' | 'turns' | 'queue'>;

export function logHandlers(parts: ServerParts): Rows {
  const { log } = parts;
  return {
    async events({ params: { session_id }, query: { after, before, order, limit, types } }) {
      refuseTwoCursors({ after, before });
      await requireSession(parts, session_id);
      const wanted = types?.split(',').filter(Boolean);
      const rises = (order === 'asc') === (before === undefined);
      const from = after ?? before ?? (order === 'asc' ? 0 : Number.MAX_SAFE_INTEGER);
      const read = await log.read(session_id, {
        ...(rises ? { after: from } : { before: from }),
        limit: limit + 1,
        ...(wanted && { types: wanted }),
      });
      const events = before === undefined ? read.slice(0, limit) : read.slice(0, limit).toReversed();
      return listView(events, read.length > limit, ({ seq }) => String(seq));
    },
    async turns({ params: { session_id }, query }) {
      await requireSession(parts, session_id);
      let turns: ReadonlyMap<string, Turn> = new Map();
      for await (const event of eventsOf(log, session_id, TURN_EVENTS)) turns = foldTurn(turns, event);
      return pageOf([...turns.values()], ({ id }) => id, query);
    },
    async queue({ params: { session_id }, query }) {
      await requireSession(parts, session_id);
      const events: Envelope[] = [];
      for await (const event of eventsOf(log, session_id, QUEUE_EVENTS)) events.push(event);
      return pageOf(queueView(events), ({ id }) => id, query);
    },
  };
}
