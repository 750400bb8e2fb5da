/** Answers that `?wait=` holds: what was done is remembered before, so that a repeated POST waits, too. */
import type { StartedSession } from '../contract/session.ts';
import type { SentMessage } from '../contract/turn.ts';
import { awaitTurn } from './await-turn.ts';
import { requireSession } from './known-session.ts';
import type { ServerParts } from './parts.ts';
import { sessionView } from './view/session.ts';

interface Waits {
  readonly query: unknown;
  /** Aborted when the client has gone or the server ends. */
  readonly signal: AbortSignal;
}
/** The answer of this row, with its turn as it is when it stopped, or when the time is over. */
export type Hold = (name: string, answer: unknown, waits: Waits) => Promise<unknown>;

export function createHold(parts: Pick<ServerParts, 'log' | 'projections' | 'records'>): Hold {
  return async (name, answer, { query, signal }) => {
    const { wait: wait_s = 0 } = (query ?? {}) as { readonly wait?: number };
    if (wait_s === 0) return answer;
    switch (name) {
      case 'sessions.create': {
        const { id: session_id, turn_id } = answer as StartedSession;
        if (turn_id === null) return answer;
        const turn = await awaitTurn(parts.log, { session_id, turn_id, wait_s, signal });
        const { record, row } = await requireSession(parts, session_id);
        return { ...sessionView(record, row), turn_id, turn };
      }
      case 'sessions.send': {
        const sent = answer as SentMessage;
        return { ...sent, turn: await awaitTurn(parts.log, { ...sent, wait_s, signal }) };
      }
      default:
        throw new TypeError(`${name} takes \`wait\` and nothing says what it waits for.`);
    }
  };
}
