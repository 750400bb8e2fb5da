/** Stops: a stop marks the turn, and the turn ends when its attempt has; at once where no process is left. */
import type { Actor, Via } from '../actor.ts';
import type { Command } from './command.ts';
import type { SessionEvent } from './event.ts';
import { beginNext } from './decide-message.ts';
import { approvalsOf } from './approvals.ts';
import { following, type Result } from './result.ts';
import type { SessionState } from './state.ts';

interface Stop {
  readonly actor: Actor;
  readonly via: Via | null;
  readonly at: string;
  readonly reason?: string;
}

export function interrupt(state: SessionState, command: Command<'interrupt'>): Result {
  if (state.phase === 'closed' || !state.turn || state.turn.stopping) return [];
  return following(state, stop(state, command), beginNext);
}

export function close(state: SessionState, command: Command<'close'>): Result {
  if (state.phase === 'closed') return [];
  const { actor, via, reason } = command;
  const stopped = state.turn && !state.turn.stopping ? stop(state, command) : [];
  return [...stopped, { type: 'session.closed', turn_id: null, actor, via, data: { reason: reason ?? 'user' } }];
}

/** The stop of the turn in this state, without what follows it. */
export function stop(state: SessionState, { actor, via, at, reason }: Stop): readonly SessionEvent[] {
  const { turn } = state;
  if (!turn) return [];
  const marked: SessionEvent = {
    type: 'user.interrupt',
    turn_id: turn.turn_id,
    actor,
    via,
    data: { ...(reason !== undefined && { reason }) },
  };
  const isParked = turn.phase === 'suspended' || turn.phase === 'expired';
  return [
    marked,
    ...cancelPending(state, { actor, via, at }),
    ...(isParked ? [cancelled(turn.turn_id, { actor, via })] : []),
  ];
}

export const cancelled = (
  turn_id: string,
  { actor, via }: { readonly actor: Actor; readonly via: Via | null },
): SessionEvent => ({
  type: 'turn.cancelled',
  turn_id,
  actor,
  via,
  data: { stop_reason: 'cancelled' },
});

/** Nobody has to answer what nobody waits for. */
export function cancelPending(state: SessionState, { actor, via, at }: Omit<Stop, 'reason'>): readonly SessionEvent[] {
  return approvalsOf(state, 'pending').map(({ approval_id, turn_id, requested_at }) => ({
    type: 'approval.resolved',
    turn_id,
    actor,
    via,
    data: { approval_id, outcome: 'cancelled', resolved_at: at, waited_ms: Date.parse(at) - Date.parse(requested_at) },
  }));
}
