/** A log and what happens now, in one stream: replay from the store, then live, without gap or double. */
import type { Frame } from '../../../domain/events/envelope.ts';
import type { EventLog } from '../../../domain/ports/event-log.ts';
import type { FrameHub } from './frame-hub.ts';
import type { SseConnection } from './sse.ts';
import { wakeUps } from './wake-ups.ts';

export interface FollowRequest {
  readonly session_id: string;
  readonly after: number;
  readonly types: readonly string[] | null;
  readonly deltas: boolean;
}
interface Parts {
  readonly log: Pick<EventLog, 'head' | 'read' | 'watch'>;
  readonly hub: Pick<FrameHub, 'join'>;
}

/** Events of one read: few enough that a slow client is noticed in between. */
const BATCH = 100;

/** Frames that wait for one slow client. */
const WAITING_MAX = 5_000;

/** Runs until aborted. Frames that come while events are on their way wait for them, so that a screen sees things in order. */
export async function follow(
  { log, hub }: Parts,
  request: FollowRequest,
  out: SseConnection,
  signal: AbortSignal,
): Promise<void> {
  const { session_id, types, deltas } = request;
  const wake = wakeUps(log, session_id, signal);
  const waiting: Frame[] = [];
  let caught_up = false;
  const flush = (): void => {
    for (const frame of waiting.splice(0)) out.frame(frame);
  };
  const take = (frame: Frame): void => {
    waiting.push(frame);
    if (caught_up && !wake.isDue()) return flush();
    if (waiting.length > WAITING_MAX) out.cut();
  };

  out.frame({ type: 'stream.ready', head_seq: (await log.head(session_id)).seq, resume: 'ok' });
  let cursor = request.after;
  let joined = !deltas;
  while (!signal.aborted) {
    const events = await log.read(session_id, { after: cursor, limit: BATCH, ...(types && { types }) });
    for (const event of events) {
      out.event(event);
      cursor = event.seq;
    }
    await out.drained();
    if (events.length === BATCH) continue;
    if (!joined) {
      joined = true;
      await hub.join(session_id, take, signal);
      continue;
    }
    flush();
    caught_up = true;
    await wake.next();
    caught_up = false;
  }
}
