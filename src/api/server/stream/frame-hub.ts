/** Frames from the workers to whoever watches: nothing is stored but the items that are being said right now. */
import type { Frame } from '../../../domain/events/envelope.ts';
import { openItems, type OpenItems } from './open-items.ts';

export interface FrameHub {
  /** A frame of a session, from its worker. */
  publish(session_id: string, frame: Frame): void;
  /** A worker appended up to this seq: what was half said may be whole now. */
  appended(session_id: string, head_seq: number): void;
  /**
   * Calls back with each frame until aborted. Whoever joins in the middle of an item first gets its start and one
   * `item.snapshot` with its text so far; no delta comes twice.
   */
  join(session_id: string, take: (frame: Frame) => void, signal: AbortSignal): Promise<void>;
}

/** What the log says about half-said items. */
export interface LogProgress {
  head(session_id: string): Promise<number>;
  /** Items that stand whole in the log after a seq, and where the last turn ended there (0: nowhere). */
  since(
    session_id: string,
    after: number,
  ): Promise<{ readonly finished: readonly string[]; readonly turn_ended_at: number }>;
}

interface Watched {
  readonly takers: Set<(frame: Frame) => void>;
  readonly items: OpenItems;
  /** Greatest seq that we know of; null until it was asked for. */
  head: number | null;
  /** Items up to here were looked up. */
  checked: number;
  checking: Promise<void> | null;
}

/** One per server process. */
export function createFrameHub(log: LogProgress): FrameHub {
  const sessions = new Map<string, Watched>();

  const of = (session_id: string): Watched => {
    const session = sessions.get(session_id) ?? {
      takers: new Set(),
      items: openItems(),
      head: null,
      checked: 0,
      checking: null,
    };
    sessions.set(session_id, session);
    return session;
  };
  const forget = (session_id: string, session: Watched) => {
    if (session.takers.size === 0 && session.items.isEmpty()) sessions.delete(session_id);
  };
  const check = async (session_id: string, session: Watched): Promise<void> => {
    const upto = session.head;
    if (upto === null) {
      // the first item of this session that we hear: what is in the log now came before it
      session.checked = session.head ??= await log.head(session_id);
      session.items.beganAt(session.head);
      return;
    }
    session.items.drop(await log.since(session_id, session.checked));
    session.checked = Math.max(session.checked, upto);
    forget(session_id, session);
  };
  /** One look at a time; a failed one is made up for by the next append. */
  const look = (session_id: string, session: Watched): void => {
    session.checking ??= check(session_id, session)
      .catch(() => {})
      .finally(() => (session.checking = null));
  };

  return {
    publish(session_id, frame) {
      const session = of(session_id);
      session.items.take(frame, session.head ?? 0);
      for (const take of session.takers) take(frame);
      if (session.head === null) look(session_id, session);
      forget(session_id, session);
    },
    appended(session_id, head_seq) {
      const session = sessions.get(session_id);
      if (!session || session.head === null || head_seq <= session.head) return;
      if (session.items.isEmpty() && !session.checking) session.checked = session.head;
      session.head = head_seq;
      if (!session.items.isEmpty()) look(session_id, session);
    },
    async join(session_id, take, signal) {
      const session = of(session_id);
      await session.checking;
      if (!session.items.isEmpty()) await check(session_id, session);
      if (signal.aborted) return;
      // from here to the end nothing is awaited: a frame is either in the snapshot or comes by itself
      sessions.set(session_id, session);
      for (const frame of session.items.frames()) take(frame);
      session.takers.add(take);
      signal.addEventListener('abort', () => {
        session.takers.delete(take);
        forget(session_id, session);
      });
    },
  };
}
