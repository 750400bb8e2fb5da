/** Folds what happens to approvals: asked, extended, resolved; and what that means for the turn. */
import type { DecisionWord, GrantPattern } from '../approval/schema.ts';
import { refIn } from '../events/blob-fields.ts';
import type { NewEvent } from '../events/new-event.ts';
import { approvalsOf, unanswered } from './approvals.ts';
import type { Approval, SessionState, TurnPhase } from './state.ts';

type Data = Readonly<Record<string, unknown>>;

/** A new question, the same one of a later attempt, or one that replaces an expired one. */
export function asked(state: SessionState, data: Data): SessionState {
  const { approval, replaces } = data as unknown as { approval: Asked; replaces?: string };
  const { id } = approval;
  const old = replaces === undefined ? undefined : state.approvals[replaces];
  const approvals = {
    ...state.approvals,
    ...(old && { [old.approval_id]: { ...old, replaced_by: id } }),
    [id]: state.approvals[id] ?? pending(approval),
  };
  return phased({ ...state, approvals }, { running: 'held', expired: 'suspended' });
}

type Asked = Omit<Approval, 'status' | 'approval_id'> & { readonly id: string };

/** Only what the machine lives by: an expanded event also has what people are shown. */
function pending(asked: Asked): Approval {
  return {
    approval_id: asked.id,
    turn_id: asked.turn_id,
    kind: asked.kind,
    digest: asked.digest,
    action: asked.action,
    card: refIn(asked as unknown as Data, 'card') ?? asked.card,
    rules: asked.rules.map((rule: string | { readonly name: string }) => (typeof rule === 'string' ? rule : rule.name)),
    grantable: asked.grantable,
    approvers: asked.approvers,
    on_expiry: asked.on_expiry,
    expires_at: asked.expires_at,
    requested_at: asked.requested_at,
    status: 'pending',
  };
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
  readonly grant_id?: string;
  readonly resolved_at: string;
}

/** Set once: the first answer wins. */
export function resolved(state: SessionState, event: NewEvent): SessionState {
  const { approval_id, outcome, ...answer } = event.data as unknown as Resolved;
  const approval = state.approvals[approval_id];
  if (!approval || approval.status !== 'pending') return state;
  const { decision, pattern, grant_id, resolved_at } = answer;
  const message = refIn(event.data, 'message');
  const input = refIn(event.data, 'input');
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
  return settled(trim({ ...state, approvals: { ...others, [approval_id]: after } }), after);
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

/** Nobody waits for an answer any more: the harness goes on. Nobody gave one in time: the turn rests until somebody asks again. */
function settled(state: SessionState, { status }: Approval): SessionState {
  if (status === 'expired') return phased(state, { suspended: 'expired' });
  if (approvalsOf(state, 'pending').length > 0) return state;
  return phased(state, { held: 'running', ...(unanswered(state).length > 0 && { suspended: 'expired' as const }) });
}

function phased(state: SessionState, moves: Readonly<Partial<Record<TurnPhase, TurnPhase>>>): SessionState {
  const { turn } = state;
  const phase = turn && moves[turn.phase];
  return phase ? { ...state, turn: { ...turn, phase } } : state;
}
