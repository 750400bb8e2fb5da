/** Looks at the deadlines. A look that comes late means that nobody could answer meanwhile: nothing expires, and what is open lives on. */
import type { Command } from './command.ts';
import { approvalsOf } from './approvals.ts';
import { expirable } from './clock.ts';
import { resume } from './decide-attempt.ts';
import type { SessionEvent } from './event.ts';
import { following, type Result } from './result.ts';
import type { Approval, SessionState } from './state.ts';
import { POLICY_ACTOR, SYSTEM_ACTOR } from '../system-actor.ts';

export function tick(state: SessionState, { at, due_at }: Command<'tick'>): Result {
  const { late_s, reprieve_s } = state.limits;
  const pending = approvalsOf(state, 'pending');
  if (seconds(due_at, at) > late_s) {
    return pending
      .filter(({ expires_at }) => seconds(at, expires_at) < reprieve_s)
      .map((approval) => extended(approval, later(at, reprieve_s)));
  }
  const over = expirable(state).filter(({ expires_at }) => seconds(expires_at, at) >= 0);
  return following(
    state,
    over.map((approval) => expired(approval, at)),
    resume,
  );
}

function expired({ approval_id, turn_id, on_expiry, requested_at }: Approval, at: string): SessionEvent {
  const answer =
    on_expiry === 'deny' ? { outcome: 'decided', decision: 'deny', reason: 'expired' } : { outcome: 'expired' };
  const waited_ms = Date.parse(at) - Date.parse(requested_at);
  const data = { approval_id, ...answer, resolved_at: at, waited_ms };
  return { type: 'approval.resolved', turn_id, actor: POLICY_ACTOR, via: null, data };
}

const extended = ({ approval_id, turn_id }: Approval, expires_at: string): SessionEvent => ({
  type: 'approval.extended',
  turn_id,
  actor: SYSTEM_ACTOR,
  via: null,
  data: { approval_id, expires_at, reason: 'the engine was away' },
});

const seconds = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;
const later = (at: string, by_s: number): string => new Date(Date.parse(at) + by_s * 1000).toISOString();
