/** The id of an approval that replaces an expired one. */
import type { ApprovalId } from '../../domain/ids.ts';
import type { ApprovalRow } from '../../domain/ports/projections.ts';
import { approvalId } from '../../domain/session/approval-id.ts';
import { eventsOf } from './log-pages.ts';
import type { ServerParts } from './parts.ts';

/** Asked twice, it is the same one; and the attempt that asks for the call again computes the same id. */
export async function nextApprovalId(
  { log, sha256 }: Pick<ServerParts, 'log' | 'sha256'>,
  { session_id, turn_id, digest, approval_id }: ApprovalRow,
): Promise<ApprovalId> {
  const before = new Set<string>();
  for await (const { data, turn_id: of_turn } of eventsOf(log, session_id, ['approval.requested'])) {
    const { id, digest: of_digest } = data['approval'] as { readonly id: string; readonly digest: string };
    if (of_turn !== turn_id || of_digest !== digest) continue;
    before.add(id);
    if (id === approval_id) break;
  }
  return approvalId({ turn_id, digest, ordinal: before.size }, sha256);
}
