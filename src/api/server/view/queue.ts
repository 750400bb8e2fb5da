/** The queue: what waits by the last word of the log about it, with the messages as they were said. */
import { Content } from '../../../domain/content.ts';
import type { Envelope } from '../../../domain/events/envelope.ts';
import type { QueueItem } from '../../contract/turn.ts';

/** The types that the view is made of. */
export const QUEUE_EVENTS = ['queue.updated', 'user.message'] as const;

type Said = Pick<Envelope, 'type' | 'turn_id' | 'actor' | 'via' | 'data'>;

/** Leniently read: what waits must be shown whatever else is known of it. */
export function queueView(events: Iterable<Said>): QueueItem[] {
  const messages = new Map<string, Said>();
  let items: readonly Readonly<Record<string, unknown>>[] = [];
  for (const event of events)
    if (event.type === 'user.message') messages.set(String(event.data['own_turn_id'] ?? event.turn_id), event);
    else items = (event.data['items'] ?? []) as typeof items;
  return items.map((item, position) => {
    const id = String(item['queued_id']);
    const said = messages.get(id);
    return {
      object: 'queue_item',
      id,
      position,
      client_id: typeof item['client_id'] === 'string' ? item['client_id'] : null,
      content: Content.array().safeParse(said?.data['content']).data ?? null,
      actor: said?.actor ?? null,
      via: said?.via ?? null,
    };
  });
}
