/** The approvals of the turn that is open now. */
import type { ApprovalStatus } from '../approval/words.ts';
import type { Approval, SessionState } from './state.ts';

/** This turn's approvals of one status. */
export function approvalsOf(state: SessionState, status: ApprovalStatus): readonly Approval[] {
  return Object.values(state.approvals).filter(
    (approval) => approval.status === status && approval.turn_id === state.turn?.turn_id,
  );
}

/** Nobody answered these in time and nobody asked again: the turn waits for one of the two. */
export const unanswered = (state: SessionState): readonly Approval[] =>
  approvalsOf(state, 'expired').filter((approval) => approval.replaced_by === undefined);
