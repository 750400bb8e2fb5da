/** What a watcher must know of a session to go on or to stop: folded from its events. Pure. */
import type { Envelope } from '../../domain/events/envelope.ts';
import { EXIT, ERROR_KINDS, isErrorCode, type ExitCode } from '../../domain/errors.ts';
import { record, text } from '../render/read.ts';

export interface TurnEnd {
  readonly turn_id: string | null;
  readonly exit: ExitCode;
  readonly work: SavedWork | null;
}

/** The work that a turn saved: its commit, and the ref where the project keeps it. */
export interface SavedWork {
  readonly ref: string;
  readonly commit: string;
}

export interface Progress {
  /** A turn has begun and not ended; it may wait for a person. */
  readonly is_running: boolean;
  readonly last_end: TurnEnd | null;
  /** Turns that have ended. */
  readonly over: readonly string[];
  readonly pending: readonly string[];
  /** Nobody answered these in time, and the turn waits for somebody to ask again. */
  readonly expired: readonly string[];
  readonly is_closed: boolean;
  /** A person denied and stopped the turn. */
  readonly is_refused: boolean;
  readonly work: SavedWork | null;
}

export const NO_PROGRESS: Progress = {
  is_running: false,
  last_end: null,
  over: [],
  pending: [],
  expired: [],
  is_closed: false,
  is_refused: false,
  work: null,
};

export function proceed(progress: Progress, event: Envelope): Progress {
  const { type, data } = event;
  switch (type) {
    case 'turn.started':
      return { ...progress, is_running: true, is_refused: false, work: null };
    case 'turn.suspended':
    case 'turn.resumed':
    case 'session.placed':
      return { ...progress, is_running: true };
    case 'turn.completed':
      return ended(progress, event, text(data, 'stop_reason') === 'budget_reached' ? EXIT.budget : EXIT.ok);
    case 'turn.failed':
      return ended(progress, event, failure(text(record(data, 'error'), 'code')));
    case 'turn.cancelled':
      return ended(progress, event, progress.is_refused ? EXIT.denied : EXIT.interrupted);
    case 'checkpoint.created':
      return { ...progress, work: { ref: text(data, 'ref'), commit: text(data, 'commit') } };
    case 'approval.requested': {
      const id = text(record(data, 'approval'), 'id');
      const expired = without(progress.expired, text(data, 'replaces'));
      return { ...progress, expired, pending: [...without(progress.pending, id), id] };
    }
    case 'approval.resolved':
      return answered(progress, event);
    case 'session.closed':
      return { ...progress, is_closed: true, pending: [], expired: [] };
    default:
      return progress;
  }
}

function ended(progress: Progress, { turn_id }: Envelope, exit: ExitCode): Progress {
  const over = turn_id === null ? progress.over : [...progress.over, turn_id];
  return {
    ...progress,
    over,
    is_running: false,
    pending: [],
    expired: [],
    last_end: { turn_id, exit, work: progress.work },
  };
}

/** Of a failed turn's reasons only those have an exit code of their own that a script can act on. */
function failure(code: string): ExitCode {
  const exit = isErrorCode(code) ? ERROR_KINDS[code].exit : EXIT.failed;
  return exit === EXIT.auth || exit === EXIT.budget || exit === EXIT.denied ? exit : EXIT.failed;
}

function answered(progress: Progress, { data }: Envelope): Progress {
  const id = text(data, 'approval_id');
  const pending = without(progress.pending, id);
  const is_refused = progress.is_refused || data['decision'] === 'deny_and_stop';
  const expired = data['outcome'] === 'expired' ? [...without(progress.expired, id), id] : progress.expired;
  return { ...progress, pending, is_refused, expired };
}

const without = (ids: readonly string[], id: string | null): readonly string[] => ids.filter((other) => other !== id);
