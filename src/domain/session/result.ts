/** What a command comes to, and how one decision follows another. */
import { isRefusal, type Refusal } from '../errors.ts';
import type { SessionEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { SessionState } from './state.ts';

export type Result = readonly SessionEvent[] | Refusal;

/** Folds the events and asks what follows from the state they lead to. (A module that exports `then` cannot be awaited.) */
export function following(
  state: SessionState,
  events: readonly SessionEvent[],
  next: (state: SessionState) => Result,
): Result {
  const rest = next(events.reduce(evolve, state));
  return isRefusal(rest) ? rest : [...events, ...rest];
}
