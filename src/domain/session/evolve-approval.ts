/** Folds what happens to approvals: asked, extended, resolved; and what that means for the turn. */
import type { DecisionWord, GrantPattern } from '../approval/schema.ts';
import type { BlobRef } from '../content.ts';
import type { NewEvent } from '../events/new-event.ts';
import type { Approval, SessionState, TurnPhase } from './state.ts';

type Data = Readonly<Record<string, unknown>>;

/** A new question, the same one of a later attempt, or one that replaces an expired one. */
export function asked(state: SessionState, data: Data): SessionState {
  const { approval, replaces } = data as unknown as {
    approval: Omit<Approval, 'status' | 'approval_id'> & { id: string };
    replaces?: string;
  };
  const { id, ...rest } = approval;
  const { card: _card, ...own } = rest as typeof rest & { card?: BlobRef };
  const old = replaces === undefined ? undefined : state.approvals[replaces];
  const approvals = {
    ...state.approvals,
    ...(old && { [old.approval_id]: { ...old, replaced_by: id } }),
    [id]: state.approvals[id] ?? { ...own, approval_id: id, status: 'pending' as const },
  };
  return settle({ ...state, approvals });
}

/** A new deadline: the engine was away, or somebody gave more time. */
export function extended(state: SessionState, data: Data): SessionState {
  const { approval_id, expires_at } = data as { approval_id: string; expires_at: string };
  const approval = state.approvals[approval_id];
  return approval ? { ...state, approvals: { ...state.approvals, [approval_id]: { ...approval, expires_at } } } : state;
}

interface Resolved {
  readonly approval_id: string;
  readonly outcome: 'decided' | 'expired' | 'cancelled';
  readonly decision?: DecisionWord;
  readonly pattern?: GrantPattern;
  readonly message?: BlobRef;
  readonly input?: BlobRef;
  readonly grant_id?: string;
  readonly resolved_at: string;
}

/** Set once: the first answer wins. */
export function resolved(state: SessionState, event: NewEvent): SessionState {
  const { approval_id, outcome, ...answer } = event.data as unknown as Resolved;
  const approval = state.approvals[approval_id];
  if (!approval || approval.status !== 'pending') return state;
  const { decision, pattern, message, input, grant_id, resolved_at } = answer;
  const after: Approval = {
    ...approval,
    status: outcome,
    actor: event.actor,
    via: event.via,
    resolved_at,
    ...(decision !== undefined && { decision }),
    ...(pattern !== undefined && { pattern }),
    ...(message !== undefined && { message }),
    ...(input !== undefined && { input }),
    ...(grant_id !== undefined && { grant_id }),
  };
  const { [approval_id]: _before, ...others } = state.approvals;
  return settle(trim({ ...state, approvals: { ...others, [approval_id]: after } }));
}

/** Pending ones and those that a suspended turn waits for stay; of the others the last ones. */
function trim(state: SessionState): SessionState {
  const awaited = new Set(state.turn?.awaiting);
  const resolvable = Object.values(state.approvals).filter(
    ({ status, approval_id }) => status !== 'pending' && !awaited.has(approval_id),
  );
  const dropped = new Set(
    resolvable
      .slice(0, Math.max(0, resolvable.length - state.limits.resolved_approvals_max))
      .map(({ approval_id }) => approval_id),
  );
  if (dropped.size === 0) return state;
  return {
    ...state,
    approvals: Object.fromEntries(Object.entries(state.approvals).filter(([id]) => !dropped.has(id))),
  };
}

/** The turn's phase follows from its approvals: running ⇄ held, suspended ⇄ expired. */
function settle(state: SessionState): SessionState {
  const { turn } = state;
  if (!turn) return state;
  const own = Object.values(state.approvals).filter(({ turn_id }) => turn_id === turn.turn_id);
  const phase = phaseOf(turn.phase, {
    pending: own.some(({ status }) => status === 'pending'),
    expired: own.some(({ status, replaced_by }) => status === 'expired' && replaced_by === undefined),
  });
  return phase === turn.phase ? state : { ...state, turn: { ...turn, phase } };
}

function phaseOf(phase: TurnPhase, open: { readonly pending: boolean; readonly expired: boolean }): TurnPhase {
  if (phase === 'running' || phase === 'held') return open.pending ? 'held' : 'running';
  if (phase === 'suspended' || phase === 'expired') return open.expired ? 'expired' : 'suspended';
  return phase;
}
