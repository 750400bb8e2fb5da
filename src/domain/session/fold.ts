/** A session's state from its log alone. */
import type { NewEvent } from '../events/new-event.ts';
import { evolve } from './evolve.ts';
import { initial } from './initial.ts';
import type { SessionState } from './state.ts';

/** Undefined for an empty log; every log begins with `session.created`. Events may be as stored or with their content expanded. */
export function fold(log: Iterable<NewEvent>): SessionState | undefined {
  let state: SessionState | undefined;
  for (const event of log) state = state ? evolve(state, event) : initial(event.data);
  return state;
}
