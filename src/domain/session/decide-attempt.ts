/** Attempts: what runs a turn has started, or has ended with an outcome. */
import type { Command } from './command.ts';
import { cancelled, cancelPending } from './decide-stop.ts';
import { beginNext } from './decide-message.ts';
import type { SessionEvent } from './event.ts';
import { approvalsOf, unanswered } from './approvals.ts';
import { following, type Result } from './result.ts';
import type { SessionState, TurnState } from './state.ts';
import { SYSTEM_ACTOR } from '../system-actor.ts';

const BY = { actor: SYSTEM_ACTOR, via: null } as const;

export function attemptStarted(state: SessionState, { host }: Command<'attempt_started'>): Result {
  const { turn } = state;
  if (turn?.phase !== 'starting') return [];
  const moved = state.host !== null && state.host !== host ? { from_host: state.host } : {};
  return [
    {
      type: 'session.placed',
      turn_id: turn.turn_id,
      ...BY,
      data: { host_id: host, ...moved, attempt: turn.attempt, reason: turn.after ?? 'turn' },
    },
  ];
}

export function attemptEnded(state: SessionState, { outcome, at }: Command<'attempt_ended'>): Result {
  const { turn } = state;
  if (!turn || turn.phase === 'suspended' || turn.phase === 'expired') return [];
  const { turn_id } = turn;
  if (turn.stopping) return following(state, [cancelled(turn_id, turn.stopping)], beginNext);
  const ends = (event: SessionEvent): Result =>
    following(state, [...cancelPending(state, { ...BY, at }), event], beginNext);
  switch (outcome.kind) {
    case 'completed':
      return ends({ type: 'turn.completed', turn_id, ...BY, data: { stop_reason: outcome.stop_reason } });
    case 'failed':
      return ends({
        type: 'turn.failed',
        turn_id,
        ...BY,
        data: { error: { code: outcome.code, message: outcome.message, retryable: false } },
      });
    case 'cancelled':
      return ends(cancelled(turn_id, BY));
    case 'suspended':
      return following(
        state,
        [{ type: 'turn.suspended', turn_id, ...BY, data: { approval_ids: outcome.approval_ids } }],
        resume,
      );
    case 'moved':
      return [resumed(turn, { after: 'moved' })];
    case 'lost': {
      const lost_host = outcome.host ?? state.host ?? 'unknown';
      return [resumed(turn, { after: 'host_lost', lost_host })];
    }
  }
}

/** A suspended turn goes on when nothing of it is open: neither pending, nor expired without having been asked again. */
export function resume(state: SessionState): readonly SessionEvent[] {
  const { turn } = state;
  if (turn?.phase !== 'suspended' || approvalsOf(state, 'pending').length > 0 || unanswered(state).length > 0)
    return [];
  return [resumed(turn, { after: 'approval' })];
}

function resumed(turn: TurnState, data: Readonly<Record<string, unknown>>): SessionEvent {
  return { type: 'turn.resumed', turn_id: turn.turn_id, ...BY, data: { ...data, attempt: turn.attempt + 1 } };
}
