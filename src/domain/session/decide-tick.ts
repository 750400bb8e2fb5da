/** Looks at the deadlines. A look that comes late means that nobody could answer meanwhile: nothing expires, and what is open lives on. */
import type { Command } from './command.ts';
import { resume } from './decide-attempt.ts';
import type { SessionEvent } from './event.ts';
import { approvalsOf, then, type Result } from './result.ts';
import type { Approval, SessionState } from './state.ts';
import { POLICY_ACTOR, SYSTEM_ACTOR } from './system-actor.ts';

export function tick(state: SessionState, { at, due_at }: Command<'tick'>): Result {
  const { late_s, reprieve_s } = state.limits;
  const pending = approvalsOf(state, 'pending');
  if (seconds(due_at, at) > late_s) {
    return pending
      .filter(({ expires_at }) => seconds(at, expires_at) < reprieve_s)
      .map((approval) => extended(approval, later(at, reprieve_s)));
  }
  const over = pending.filter(({ expires_at }) => seconds(expires_at, at) >= 0);
  return then(
    state,
    over.flatMap((approval) => expired(state, approval, at)),
    resume,
  );
}

function expired(
  state: SessionState,
  { approval_id, turn_id, on_expiry }: Approval,
  at: string,
): readonly SessionEvent[] {
  const base = { type: 'approval.resolved', turn_id, actor: POLICY_ACTOR, via: null } as const;
  if (on_expiry === 'deny')
    return [
      { ...base, data: { approval_id, outcome: 'decided', decision: 'deny', resolved_at: at, reason: 'expired' } },
    ];
  const isParked = state.turn?.phase === 'suspended' || state.turn?.phase === 'expired';
  return isParked ? [{ ...base, data: { approval_id, outcome: 'expired', resolved_at: at } }] : []; // it waits until the turn is suspended
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
