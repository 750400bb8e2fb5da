/** Reading a whole log of few types, page by page. */
import type { Envelope } from '../../domain/events/envelope.ts';
import type { EventType } from '../../domain/events/vocabulary.ts';
import type { EventLog } from '../../domain/ports/event-log.ts';

const PAGE = 500;

/** Every event of these types, in order. */
export async function* eventsOf(
  log: Pick<EventLog, 'read'>,
  log_id: string,
  types: readonly EventType[],
): AsyncGenerator<Envelope> {
  for (let after = 0; ;) {
    const page = await log.read(log_id, { after, limit: PAGE, types });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)!.seq;
  }
}
