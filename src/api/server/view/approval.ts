/** An approval as every surface shows it, with the answers that it takes. */
import type { z } from 'zod';
import { GrantPattern } from '../../../domain/approval/schema.ts';
import { APPROVAL_KINDS, type ApprovalKind } from '../../../domain/approval/words.ts';
import type { ApprovalRow } from '../../../domain/ports/projections.ts';
import type { Approval, ApprovalOption } from '../../contract/approval.ts';

type Option = z.infer<typeof ApprovalOption>;

export function approvalView(row: ApprovalRow): Approval {
  return {
    object: 'approval',
    id: row.approval_id,
    session_id: row.session_id,
    turn_id: row.turn_id,
    kind: kindOf(row),
    status: row.status,
    title: row.title,
    digest: row.digest,
    request: { ...row.approval },
    options: row.status === 'pending' ? optionsOf(row) : [],
    can_ask_again: row.status === 'expired' && row.resolution?.['replaced_by'] === undefined,
    resolution: row.resolution && { ...row.resolution },
    requested_at: row.requested_at,
    expires_at: row.expires_at,
  };
}

const kindOf = ({ kind }: ApprovalRow): ApprovalKind => APPROVAL_KINDS.find((known) => known === kind) ?? 'tool';

function optionsOf(row: ApprovalRow): Option[] {
  const kind = kindOf(row);
  if (kind === 'question') return [{ decision: 'answer', label: 'Answer', pattern: null }, ...REFUSALS];
  const pattern = patternOf(row);
  const grantable = row.approval['grantable'];
  const remembered: Option[] = [];
  if (pattern && (grantable === 'session' || grantable === 'always'))
    remembered.push({ decision: 'allow_session', label: 'Allow in this session', pattern });
  if (pattern && grantable === 'always')
    remembered.push({ decision: 'allow_always', label: 'Always allow in this project', pattern });
  return [{ decision: 'allow_once', label: 'Allow once', pattern: null }, ...remembered, ...REFUSALS];
}

const REFUSALS: readonly Option[] = [
  { decision: 'deny', label: 'Deny, and say why', pattern: null },
  { decision: 'deny_and_stop', label: 'Deny and stop', pattern: null },
];

/** What the gate suggested to remember: on the card, or beside it. */
function patternOf({ approval }: ApprovalRow): GrantPattern | null {
  const card = approval['card'] as { pattern?: unknown } | undefined;
  const suggested = GrantPattern.safeParse(approval['pattern'] ?? card?.pattern);
  return suggested.success ? suggested.data : null;
}
