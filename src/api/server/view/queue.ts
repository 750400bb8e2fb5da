/** The queue as the last word of the log about it. */
import { Actor, Via } from '../../../domain/actor.ts';
import { Content } from '../../../domain/content.ts';
import type { Envelope } from '../../../domain/events/envelope.ts';
import type { QueueItem } from '../../contract/turn.ts';

/** Items of the last `queue.updated`; leniently read, because what waits must be shown whatever else an item has. */
export function queueView(last: Envelope | undefined): QueueItem[] {
  const items = Array.isArray(last?.data['items'])
    ? (last.data['items'] as readonly Readonly<Record<string, unknown>>[])
    : [];
  return items.map((item, position) => ({
    object: 'queue_item',
    id: String(item['turn_id'] ?? item['queued_id'] ?? position),
    position,
    client_id: typeof item['client_id'] === 'string' ? item['client_id'] : null,
    content: Content.array().safeParse(item['content']).data ?? null,
    actor: Actor.safeParse(item['actor']).data ?? null,
    via: Via.safeParse(item['via']).data ?? null,
  }));
}
