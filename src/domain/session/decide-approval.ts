/** Approvals: asked by an attempt, answered by a person, asked again after nobody did. The first answer wins. */
import { refuse, type Refusal } from '../errors.ts';
import type { Grant } from '../approval/schema.ts';
import type { Command } from './command.ts';
import { resume } from './decide-attempt.ts';
import { beginNext } from './decide-message.ts';
import { stop } from './decide-stop.ts';
import type { SessionEvent } from './event.ts';
import { then, type Result } from './result.ts';
import type { Approval, SessionState } from './state.ts';
import { SYSTEM_ACTOR } from './system-actor.ts';

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
  const { status: _status, approval_id: _id, ...before } = known ?? ({} as Approval);
  const approval = known
    ? { ...before, id: approval_id, card: asked.card }
    : { ...asked, id: approval_id, turn_id, requested_at: at, expires_at: after(at, expires_in_s) };
  return [
    {
      type: 'approval.requested',
      turn_id,
      actor: SYSTEM_ACTOR,
      via: null,
      data: { approval, ...(known && { again: true }) },
    },
  ];
}

export function decideApproval(state: SessionState, command: Command<'decide_approval'>): Result {
  const approval = state.approvals[command.approval_id];
  if (!approval) return refuse('approval_not_found', `No approval ${command.approval_id} in this session.`);
  const refusal = refuseAnswer(approval, command);
  if (refusal) return refusal;
  return then(state, answered(approval, command), (next) =>
    command.decision === 'deny_and_stop' && next.turn?.turn_id === approval.turn_id && !next.turn.stopping
      ? then(next, stop(next, command), beginNext)
      : resume(next),
  );
}

export function askAgain(state: SessionState, command: Command<'ask_again'>): Result {
  if (state.phase === 'closed') return refuse('session_closed', 'This session has ended.');
  const old = state.approvals[command.approval_id];
  if (!old) return refuse('approval_not_found', `No approval ${command.approval_id} in this session.`);
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

function refuseAnswer(approval: Approval, command: Command<'decide_approval'>): Refusal | null {
  const { approval_id, status } = approval;
  if (status === 'expired')
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

const LENGTH = ['once', 'session', 'always'] as const;

/** Why this decision does not fit this approval, in words. */
function problemOf(
  { kind, grantable }: Approval,
  { decision, pattern, input }: Command<'decide_approval'>,
): string | null {
  const isQuestion = kind === 'question' || kind === 'plan';
  if (decision === 'answer')
    return isQuestion && input !== undefined
      ? null
      : isQuestion
        ? 'An answer needs `input`.'
        : `An approval of kind ${kind} is allowed or denied, not answered.`;
  const scope = decision === 'allow_session' ? 'session' : decision === 'allow_always' ? 'always' : null;
  if (scope === null) return null;
  if (LENGTH.indexOf(grantable) < LENGTH.indexOf(scope))
    return `This action may be allowed for ${grantable} at the longest.`;
  return pattern === undefined ? `${decision} needs the \`pattern\` that it covers.` : null;
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
  const { decision, pattern, message, input, actor, via, at } = command;
  const grant = grantOf(approval, command);
  const data = {
    approval_id,
    outcome: 'decided',
    decision,
    resolved_at: at,
    ...(grant && { grant_id: grant.grant_id, scope: grant.scope }),
    ...(pattern !== undefined && { pattern }),
    ...(message !== undefined && { message }),
    ...(input !== undefined && { input }),
  };
  const resolved: SessionEvent = { type: 'approval.resolved', turn_id, actor, via, data };
  return grant ? [resolved, { type: 'grant.created', turn_id, actor, via, data: { grant } }] : [resolved];
}

function grantOf(
  { approval_id, digest, rules }: Approval,
  { decision, pattern, grant_id }: Command<'decide_approval'>,
): Grant | null {
  if (decision === 'deny' || decision === 'deny_and_stop') return null;
  const scope = decision === 'allow_session' ? 'session' : decision === 'allow_always' ? 'always' : 'once';
  const bound = scope === 'once' ? { digest, pattern: null } : { digest: null, pattern: pattern ?? null };
  return {
    grant_id: grant_id as Grant['grant_id'],
    approval_id: approval_id as Grant['approval_id'],
    scope,
    ...bound,
    rules: [...rules],
  };
}

const after = (at: string, seconds: number): string => new Date(Date.parse(at) + seconds * 1000).toISOString();
