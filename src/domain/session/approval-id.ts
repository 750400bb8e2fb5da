/** The id of an approval is made of what is asked: a repeated attempt asks the same question. */
import { canonicalJson, type Sha256 } from '../canonical.ts';
import { derivedId, type ApprovalId } from '../ids.ts';

/** `ordinal`: how many approvals of this digest this turn has used up or replaced. */
export function approvalId(
  { turn_id, digest, ordinal }: { readonly turn_id: string; readonly digest: string; readonly ordinal: number },
  sha256: Sha256,
): ApprovalId {
  return derivedId('approval', sha256(canonicalJson([turn_id, digest, ordinal])));
}
