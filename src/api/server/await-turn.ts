/** `?wait=`: holds an answer until the turn stops, for shell scripts. */
import type { EventLog } from '../../domain/ports/event-log.ts';
import type { Turn } from '../contract/turn.ts';
import { wakeUps } from './stream/wake-ups.ts';
import { TURN_EVENTS, foldTurn, hasStopped } from './view/turns.ts';

export interface Wait {
  readonly session_id: string;
  readonly turn_id: string;
  readonly wait_s: number;
  readonly signal: AbortSignal;
}

/** The turn as it is when it stopped (ended or suspended) or when the time is over; null when it has not begun by then. */
export async function awaitTurn(
  log: Pick<EventLog, 'read' | 'watch'>,
  { session_id, turn_id, wait_s, signal }: Wait,
): Promise<Turn | null> {
  if (wait_s === 0) return null;
  const done = new AbortController();
  const over = AbortSignal.any([signal, done.signal, AbortSignal.timeout(wait_s * 1000)]);
  const wake = wakeUps(log, session_id, over);
  try {
    let turns: ReadonlyMap<string, Turn> = new Map();
    for (let after = 0; ;) {
      const page = await log.read(session_id, { after, limit: 500, types: TURN_EVENTS });
      for (const event of page) if (event.turn_id === turn_id) turns = foldTurn(turns, event);
      after = page.at(-1)?.seq ?? after;
      const turn = turns.get(turn_id) ?? null;
      if ((turn && hasStopped(turn)) || over.aborted) return turn;
      if (page.length < 500) await wake.next();
    }
  } finally {
    done.abort();
  }
}
