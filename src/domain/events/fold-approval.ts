/** The rows of approvals, folded from the log: the inbox. */
import type { ApprovalRow } from '../ports/projections.ts';
import type { Envelope } from './envelope.ts';

/** As stored: references stand for action and card; the title is on the card. */
export type ApprovalFold = Omit<ApprovalRow, 'title'>;

/** The approvals that an event speaks of: what `foldApprovals` needs to know. */
export function approvalsNamedBy({ type, data }: Envelope): readonly string[] {
  switch (type) {
    case 'approval.requested':
      return [idOf(data['approval']), data['replaces']].filter((id) => typeof id === 'string');
    case 'approval.extended':
    case 'approval.resolved':
      return typeof data['approval_id'] === 'string' ? [data['approval_id']] : [];
    default:
      return [];
  }
}

/** The rows that change. */
export function foldApprovals(known: ReadonlyMap<string, ApprovalFold>, event: Envelope): readonly ApprovalFold[] {
  const { type, data } = event;
  switch (type) {
    case 'approval.requested':
      return requested(known, event);
    case 'approval.extended': {
      const row = known.get(String(data['approval_id']));
      return row ? [{ ...row, expires_at: String(data['expires_at']) }] : [];
    }
    case 'approval.resolved': {
      const row = known.get(String(data['approval_id']));
      return row?.status === 'pending' ? [resolved(row, event)] : [];
    }
    default:
      return [];
  }
}

/** A new question; the same one of a later attempt, with a new card; or one that replaces an expired one. */
function requested(known: ReadonlyMap<string, ApprovalFold>, event: Envelope): readonly ApprovalFold[] {
  const approval = event.data['approval'] as Readonly<Record<string, unknown>>;
  const approval_id = String(approval['id']);
  const before = known.get(approval_id);
  const row: ApprovalFold = {
    approval_id,
    session_id: event.session_id,
    turn_id: String(approval['turn_id'] ?? event.turn_id),
    kind: String(approval['kind']),
    status: before?.status ?? 'pending',
    digest: String(approval['digest']),
    approval,
    resolution: before?.resolution ?? null,
    requested_at: String(approval['requested_at'] ?? event.created_at),
    expires_at: String(approval['expires_at']),
  };
  const old = typeof event.data['replaces'] === 'string' ? known.get(event.data['replaces']) : undefined;
  return old ? [{ ...old, resolution: { ...old.resolution, replaced_by: approval_id } }, row] : [row];
}

function resolved(row: ApprovalFold, { actor, via, created_at, data }: Envelope): ApprovalFold {
  const { approval_id: _id, ...said } = data;
  const outcome = said['outcome'] as 'decided' | 'expired' | 'cancelled';
  return { ...row, status: outcome, resolution: { resolved_at: created_at, ...said, actor, via } };
}

const idOf = (approval: unknown): unknown => (approval as { id?: unknown } | undefined)?.id;
