/** What every surface calls the state of a session: a fold, never a stored column. */
import { approvalsOf } from './approvals.ts';
import type { Approval, SessionState } from './state.ts';

export const SESSION_STATUSES = ['starting', 'running', 'requires_action', 'idle', 'paused', 'closed'] as const;

export interface Status {
  readonly status: (typeof SESSION_STATUSES)[number];
  readonly reason: string;
}

export function statusOf(state: SessionState): Status {
  const { turn } = state;
  if (state.phase === 'closed') return { status: 'closed', reason: state.close_reason ?? 'user' };
  if (!turn) return { status: 'idle', reason: state.last_end === null ? 'new' : LAST_END[state.last_end.end] };
  switch (turn.phase) {
    case 'expired':
      return { status: 'paused', reason: 'approval_expired' };
    case 'held':
    case 'suspended':
      return {
        status: 'requires_action',
        reason: approvalsOf(state, 'pending').every(isQuestion) ? 'question' : 'approval',
      };
    case 'running':
      return { status: 'running', reason: 'turn' };
    case 'starting':
      return {
        status: 'starting',
        reason: turn.after === 'host_lost' ? 'host_lost' : turn.after === null ? 'new' : 'retry',
      };
  }
}

const isQuestion = ({ kind }: Approval): boolean => kind === 'question';

const LAST_END = { completed: 'end_turn', failed: 'turn_failed', cancelled: 'interrupted' } as const;
