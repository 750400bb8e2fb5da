/** What a command comes to, and how one decision follows another. */
import { isRefusal, type Refusal } from '../errors.ts';
import type { SessionEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { Approval, ApprovalStatus, SessionState } from './state.ts';

export type Result = readonly SessionEvent[] | Refusal;

/** Folds the events and asks what follows from the state they lead to. */
export function then(
  state: SessionState,
  events: readonly SessionEvent[],
  next: (state: SessionState) => Result,
): Result {
  const following = next(events.reduce(evolve, state));
  return isRefusal(following) ? following : [...events, ...following];
}

/** This turn's approvals of one status. */
export function approvalsOf(state: SessionState, status: ApprovalStatus): readonly Approval[] {
  return Object.values(state.approvals).filter(
    (approval) => approval.status === status && approval.turn_id === state.turn?.turn_id,
  );
}

/** Nobody answered these in time and nobody asked again: the turn waits for one of the two. */
export const unanswered = (state: SessionState): readonly Approval[] =>
  approvalsOf(state, 'expired').filter((approval) => approval.replaced_by === undefined);
