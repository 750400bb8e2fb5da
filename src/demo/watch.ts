/** Follows the session of the demo: every event once, in order, and waits for moments. */
import type { Client } from '../api/contract/client.ts';
import { isErrorCode, TackError } from '../domain/errors.ts';
import type { Envelope } from '../domain/events/envelope.ts';

export interface Watch {
  readonly events: readonly Envelope[];
  /** Resolves with the first event of this kind, past or to come, after `after`. Rejects when the turn ends without it, or it does not come in time. */
  until(what: string, is: (event: Envelope) => boolean, after?: number): Promise<Envelope>;
}

export interface WatchOptions {
  readonly client: Pick<Client, 'events'>;
  readonly session_id: string;
  readonly signal: AbortSignal;
  readonly show: (event: Envelope) => void;
  readonly within_ms: number;
}

interface Waiting {
  readonly is: (event: Envelope) => boolean;
  readonly resolve: (event: Envelope) => void;
  readonly reject: (error: unknown) => void;
}

export function watchSession({ client, session_id, signal, show, within_ms }: WatchOptions): Watch {
  const events: Envelope[] = [];
  const waiting = new Set<Waiting>();

  const follow = async () => {
    for await (const heard of client.events(session_id, { signal, deltas: false })) {
      if (heard.kind !== 'event') continue;
      const { event } = heard;
      events.push(event);
      show(event);
      for (const one of waiting) {
        if (one.is(event)) one.resolve(event);
        else if (isEnd(event)) one.reject(endOf(event));
      }
    }
  };
  follow().then(
    () => undefined,
    (error: unknown) => waiting.forEach(({ reject }) => reject(error)),
  );

  return {
    events,
    until(what, is, after = 0) {
      const later = (event: Envelope) => event.seq > after && is(event);
      const past = events.find(later);
      if (past) return Promise.resolve(past);
      const end = events.find(isEnd);
      if (end) return Promise.reject(endOf(end));
      const { promise, resolve, reject } = Promise.withResolvers<Envelope>();
      const one = { is: later, resolve, reject };
      waiting.add(one);
      const late = setTimeout(() => reject(notSeen(what, within_ms, events)), within_ms);
      const aborted = () => reject(new TackError('interrupted', 'The demo was stopped.'));
      signal.addEventListener('abort', aborted, { once: true });
      return promise.finally(() => {
        waiting.delete(one);
        clearTimeout(late);
        signal.removeEventListener('abort', aborted);
      });
    },
  };
}

const ENDS: readonly string[] = ['turn.completed', 'turn.failed', 'turn.cancelled'];
const isEnd = ({ type }: Envelope): boolean => ENDS.includes(type);

/** A turn that ended as nobody wanted it: with its own error, where it has one. */
function endOf({ type, data }: Envelope): TackError {
  const { code, message } = (data['error'] ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return isErrorCode(code)
    ? new TackError(code, String(message))
    : new TackError('internal', `The turn ended as ${type}.`);
}

function notSeen(what: string, within_ms: number, events: readonly Envelope[]): TackError {
  const last = events.at(-1);
  return new TackError(
    'timeout',
    `Waited ${within_ms / 1000} s in vain for ${what}; the last event was ${last ? `${last.seq} ${last.type}` : 'none'}.`,
  );
}
