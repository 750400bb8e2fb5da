/** Approvals: asked by an attempt, answered by a person, asked again after nobody did. The first answer wins. */
import { refuse, type Refusal } from '../errors.ts';
import { patternProblem } from '../approval/pattern.ts';
import { DECISIONS, lastsNoLongerThan } from '../approval/words.ts';
import type { Command } from './command.ts';
import { resume } from './decide-attempt.ts';
import { beginNext } from './decide-message.ts';
import { stop } from './decide-stop.ts';
import type { SessionEvent } from './event.ts';
import { grantOf } from './grant.ts';
import { approvalsOf } from './approvals.ts';
import { following, type Result } from './result.ts';
import type { Approval, SessionState } from './state.ts';
import { SYSTEM_ACTOR } from '../system-actor.ts';

export function requestApproval(state: SessionState, command: Command<'request_approval'>): Result {
  const { turn } = state;
  const { type: _type, at, approval_id, turn_id, attempt, expires_in_s, ...asked } = command;
  const isLive = turn?.phase === 'running' || turn?.phase === 'held';
  if (state.phase === 'closed' || !isLive || turn.stopping || turn.turn_id !== turn_id || turn.attempt !== attempt) {
    return refuse('turn_over', `Turn ${turn_id} does not run as attempt ${attempt} any more.`);
  }
  const known = state.approvals[approval_id];
  if (known && known.status !== 'pending') return [];
  if (known && turn.phase === 'held') return [];
  if (!known && approvalsOf(state, 'pending').length >= OPEN_MAX)
    return refuse('queue_full', `${OPEN_MAX} questions of this turn wait for an answer already.`);
  const { status: _status, approval_id: _id, ...before } = known ?? ({} as Approval);
  const approval = known
    ? { ...before, id: approval_id }
    : { ...asked, id: approval_id, turn_id, requested_at: at, expires_at: after(at, expires_in_s) };
  return [
    {
      type: 'approval.requested',
      turn_id,
      actor: SYSTEM_ACTOR,
      via: null,
      data: { approval, attempt, ...(known && { again: true }) },
    },
  ];
}

export function decideApproval(state: SessionState, command: Command<'decide_approval'>): Result {
  const approval = state.approvals[command.approval_id];
  if (!approval) return refuse('approval_not_found', `No approval ${command.approval_id} in this session.`);
  const refusal = refuseAnswer(state, approval, command);
  if (refusal) return refusal;
  return following(state, answered(approval, command), (next) =>
    command.decision === 'deny_and_stop' && next.turn?.turn_id === approval.turn_id && !next.turn.stopping
      ? following(next, stop(next, command), beginNext)
      : resume(next),
  );
}

export function askAgain(state: SessionState, command: Command<'ask_again'>): Result {
  const old = state.approvals[command.approval_id];
  if (!old) return refuse('approval_not_found', `No approval ${command.approval_id} in this session.`);
  if (state.phase === 'closed') return refuse('session_closed', 'This session has ended.');
  if (old.replaced_by === command.new_approval_id) return [];
  if (old.status !== 'expired' || old.replaced_by !== undefined || state.turn?.turn_id !== old.turn_id) {
    return refuse(
      'approval_not_expired',
      `Approval ${old.approval_id} is ${old.replaced_by ? 'asked again already' : old.status}.`,
      { replaced_by: old.replaced_by ?? null },
    );
  }
  const {
    approval_id,
    status: _status,
    replaced_by: _replaced,
    resolved_at: _resolved,
    actor: _actor,
    via: _via,
    ...own
  } = old;
  const lasted_s = (Date.parse(old.expires_at) - Date.parse(old.requested_at)) / 1000;
  const approval = {
    ...own,
    id: command.new_approval_id,
    requested_at: command.at,
    expires_at: after(command.at, lasted_s),
  };
  return [
    {
      type: 'approval.requested',
      turn_id: old.turn_id,
      actor: command.actor,
      via: command.via,
      data: { approval, replaces: approval_id },
    },
  ];
}

function refuseAnswer(state: SessionState, approval: Approval, command: Command<'decide_approval'>): Refusal | null {
  const { approval_id, status } = approval;
  if (status === 'expired' && state.phase === 'open' && state.turn?.turn_id === approval.turn_id)
    return refuse('approval_expired', `Nobody answered ${approval_id} in time. Ask again.`, {
      replaced_by: approval.replaced_by ?? null,
    });
  if (status !== 'pending') return refuse('approval_already_resolved', alreadySaid(approval), winnerOf(approval));
  if (command.digest !== approval.digest)
    return refuse('digest_mismatch', `The digest is not that of ${approval_id}.`, { digest: approval.digest });
  if (approval.approvers && (command.via === 'signal' || !approval.approvers.includes(command.actor.id))) {
    return refuse('not_eligible', `${command.actor.id} is not among the approvers: ${approval.approvers.join(', ')}.`);
  }
  const problem = problemOf(approval, command);
  return problem === null ? null : refuse('decision_invalid', problem);
}

/** Questions of one turn that may wait at a time: a harness that asks more is told no. */
const OPEN_MAX = 20;

/** Why this decision does not fit this approval, in words. */
function problemOf(
  { kind, grantable }: Approval,
  { decision, pattern, input }: Command<'decide_approval'>,
): string | null {
  const isQuestion = kind === 'question' || kind === 'plan';
  if (!DECISIONS.includes(decision)) return `There is no decision ${String(decision)}.`; // typed by hand into the engine, it may be anything
  if (decision === 'answer')
    return isQuestion && input !== undefined
      ? null
      : isQuestion
        ? 'An answer needs `input`.'
        : `An approval of kind ${kind} is allowed or denied, not answered.`;
  if (kind === 'question' && decision.startsWith('allow')) return 'A question is answered or denied, not allowed.';
  const scope = decision === 'allow_session' ? 'session' : decision === 'allow_always' ? 'always' : null;
  if (scope === null) return null;
  if (!lastsNoLongerThan(scope, grantable)) return `This action may be allowed for ${grantable} at the longest.`;
  if (pattern === undefined) return `${decision} needs the \`pattern\` that it covers.`;
  return patternProblem(pattern);
}

function alreadySaid({ approval_id, decision, actor, via, resolved_at, status }: Approval): string {
  return `${approval_id} was ${decision === undefined ? status : `answered (${decision})`} by ${actor?.id ?? 'nobody'}${via ? ` via ${via}` : ''} at ${resolved_at ?? '?'}.`;
}

const winnerOf = ({ decision, actor, via, resolved_at, status }: Approval) => ({
  outcome: status,
  decision: decision ?? null,
  by: actor ?? null,
  via: via ?? null,
  resolved_at: resolved_at ?? null,
});

function answered(approval: Approval, command: Command<'decide_approval'>): readonly SessionEvent[] {
  const { approval_id, turn_id } = approval;
  const { decision, message, input, actor, via, at } = command;
  const grant = grantOf(approval, command);
  const data = {
    approval_id,
    outcome: 'decided',
    decision,
    resolved_at: at,
    waited_ms: Date.parse(at) - Date.parse(approval.requested_at),
    ...(grant && { grant_id: grant.grant_id, scope: grant.scope }),
    ...(grant?.pattern && { pattern: grant.pattern }),
    ...(message !== undefined && { message }),
    ...(input !== undefined && { input }),
  };
  const resolved: SessionEvent = { type: 'approval.resolved', turn_id, actor, via, data };
  return grant ? [resolved, { type: 'grant.created', turn_id, actor, via, data: grant }] : [resolved];
}

const after = (at: string, seconds: number): string => new Date(Date.parse(at) + seconds * 1000).toISOString();
