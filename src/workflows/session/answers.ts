/** What is recorded about approvals, in the words of those who ask: an attempt, a person, the next attempt. Pure. */
import type { RecordedDecision } from '../../domain/ports/engine.ts';
import type { Asked } from '../../domain/session/asked.ts';
import { grantOf } from '../../domain/session/grant.ts';
import type { Approval, SessionState } from '../../domain/session/state.ts';
import type { Answer, TurnInput } from '../../domain/turn.ts';

/** What the next attempt is told: ids, blobs and this turn's answers. */
export function turnInput(state: SessionState): TurnInput {
  const { turn } = state;
  if (!turn) throw new TypeError('There is no turn to run.');
  return {
    session_id: state.session_id,
    turn_id: turn.turn_id,
    attempt: turn.attempt,
    after: turn.after,
    content: turn.message.content,
    actor: turn.message.actor,
    via: turn.message.via,
    agent: turn.agent,
    policy_version: state.policy_version,
    grace_s: state.limits.grace_s,
    answers: Object.values(state.approvals)
      .filter(({ turn_id }) => turn_id === turn.turn_id)
      .flatMap((approval) => answerOf(approval) ?? []),
    grants: state.grants,
  };
}

/** What an attempt hears that asks under this id. */
export function askedOf(state: SessionState, approval_id: string): Asked {
  const approval = state.approvals[approval_id];
  const answer = approval && answerOf(approval);
  if (answer) return { status: 'decided', answer };
  if (approval?.status === 'pending') return { status: 'pending', expires_at: approval.expires_at };
  return { status: approval?.status === 'expired' ? 'expired' : 'cancelled' };
}

/** The decision that counts, for the person who gave it. */
export function decisionOf(state: SessionState, approval_id: string): RecordedDecision {
  const approval = state.approvals[approval_id];
  if (!approval?.decision || !approval.actor || approval.resolved_at === undefined)
    throw new TypeError(`${approval_id} has no decision.`);
  const { decision, actor, via = null, resolved_at, grant_id = null } = approval;
  return { approval_id, decision, actor, via, resolved_at, grant_id };
}

/** Undefined while nobody has answered. */
export function answerOf(approval: Approval): Answer | undefined {
  const { approval_id, digest, decision, actor, via = null, message, input } = approval;
  if (decision === undefined || actor === undefined) return undefined;
  const grant = grantOf(approval, approval);
  return {
    approval_id,
    digest,
    decision,
    actor,
    via,
    ...(message && { message }),
    ...(input && { input }),
    ...(grant && { grant }),
  };
}
