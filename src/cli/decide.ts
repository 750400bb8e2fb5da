/** One way to answer an approval: read it, and send the digest that was read. The first answer wins; the others are told who won. */
import type { Approval, Decided } from '../api/contract/approval.ts';
import type { Client } from '../api/contract/client.ts';
import type { DecisionBody } from '../domain/approval/schema.ts';
import { TackError } from '../domain/errors.ts';
import { resolutionText } from './approval-text.ts';

/** Throws `approval_already_resolved` with the winner, `approval_expired`, `digest_mismatch`. */
export function decide(client: Client, approval: Approval, body: Omit<DecisionBody, 'digest'>): Promise<Decided> {
  refuseWhatIsOver(approval);
  return client.approvals.decide({ approval_id: approval.id, body: { digest: approval.digest, ...body } });
}

/** Told from what was read: the session itself may have forgotten an old approval. */
function refuseWhatIsOver(approval: Approval): void {
  const { id, status, resolution } = approval;
  if (status === 'pending') return;
  const said = `${id}: ${resolutionText(approval)}.`;
  if (status === 'expired')
    throw new TackError(
      'approval_expired',
      approval.can_ask_again ? `${said} Ask again and allow it: \`tack approve ${id} --again\`.` : said,
    );
  throw new TackError('approval_already_resolved', said, { data: { ...resolution } });
}
