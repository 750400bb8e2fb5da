/** The id of an approval that replaces an expired one. */
import { digestOf } from '../../domain/canonical.ts';
import { derivedId, type ApprovalId } from '../../domain/ids.ts';
import type { ApprovalRow } from '../../domain/ports/projections.ts';
import { eventsOf } from './log-pages.ts';
import type { ServerParts } from './parts.ts';

/**
 * `apr_` + hash of (turn, digest, how many approvals of this digest the turn has used up or replaced): asked twice, it is the
 * same one, and the attempt that asks for the call again computes the same id.
 */
export async function nextApprovalId(
  { log, sha256 }: Pick<ServerParts, 'log' | 'sha256'>,
  { session_id, turn_id, digest, approval_id }: ApprovalRow,
): Promise<ApprovalId> {
  const before = new Set<string>();
  for await (const { data, turn_id: of_turn } of eventsOf(log, session_id, ['approval.requested'])) {
    const approval = data['approval'] as { approval_id?: string; id?: string; digest?: string } | undefined;
    const id = approval?.approval_id ?? approval?.id;
    if (of_turn !== turn_id || approval?.digest !== digest || id === undefined) continue;
    before.add(id);
    if (id === approval_id) break;
  }
  return derivedId('approval', digestOf([turn_id, digest, before.size], sha256));
}
