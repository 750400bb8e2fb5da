/** What may be done with a session: computed once, rendered by every surface. */
import { approvalsOf } from './approvals.ts';
import type { Approval, SessionState } from './state.ts';
import { statusOf, type Status } from './status.ts';

export interface SessionView extends Status {
  readonly can_prompt: boolean;
  readonly can_interrupt: boolean;
  readonly can_close: boolean;
  readonly pending_approvals: readonly Approval[];
  readonly queued: number;
}

export function viewOf(state: SessionState): SessionView {
  const isOpen = state.phase === 'open';
  return {
    ...statusOf(state),
    can_prompt: isOpen && (state.turn === undefined || state.queue.length < state.limits.queue_max),
    can_interrupt: isOpen && state.turn !== undefined && state.turn.stopping === undefined,
    can_close: isOpen,
    pending_approvals: approvalsOf(state, 'pending'),
    queued: state.queue.length,
  };
}
