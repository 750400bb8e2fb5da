/** The inbox, and answers. */
import { canonicalJson } from '../../../domain/canonical.ts';
import { TackError } from '../../../domain/errors.ts';
import type { ApprovalRow } from '../../../domain/ports/projections.ts';
import type { Payloads } from '../../../domain/session/command.ts';
import type { Call, Handlers } from '../handler.ts';
import { nextApprovalId } from '../next-approval-id.ts';
import type { ServerParts } from '../parts.ts';
import { approvalView } from '../view/approval.ts';
import { listView } from '../view/list.ts';
import { requireRow, stretchOf } from '../view/stretch.ts';
import type { Routes } from '../../contract/routes.ts';

export function approvalHandlers(parts: ServerParts): Handlers['approvals'] {
  const { projections, engine } = parts;
  const required = async (approval_id: string): Promise<ApprovalRow> => {
    const row = await projections.approval(approval_id);
    if (row === null) throw new TackError('approval_not_found', `There is no approval ${JSON.stringify(approval_id)}.`);
    return row;
  };
  return {
    async list({ query: { status, session_id, ...query } }) {
      await requireRow(query, projections.approval);
      const page = await projections.approvals({
        ...stretchOf(query),
        ...(status && { status }),
        ...(session_id && { session_id }),
      });
      return listView(page.data.map(approvalView), page.has_more, ({ id }) => id);
    },
    show: async ({ params: { approval_id } }) => approvalView(await required(approval_id)),
    async decide(call) {
      const { session_id } = await required(call.params.approval_id);
      const { approval_id, decision, actor, via, resolved_at, grant_id } = await engine.decideApproval(
        session_id,
        await decisionOf(parts, call),
        call.key,
      );
      return { object: 'decision', approval_id, session_id, decision, actor, via, resolved_at, grant_id };
    },
    async askAgain({ params: { approval_id }, key, actor, via }) {
      const row = await required(approval_id);
      const new_approval_id = await nextApprovalId(parts, row);
      const asked = await engine.askAgain(row.session_id, { approval_id, new_approval_id, actor, via }, key);
      return { object: 'asked_again', approval_id: asked.approval_id, session_id: row.session_id };
    },
  };
}

/** Words and answers go to the blobs: the workflow's history holds references only. */
async function decisionOf(
  { blobs, newId }: ServerParts,
  { params, body, actor, via }: Call<Routes['approvals']['decide']>,
): Promise<Payloads['decide_approval']> {
  return {
    approval_id: params.approval_id,
    digest: body.digest,
    decision: body.decision,
    grant_id: newId('grant'),
    actor,
    via,
    ...(body.pattern && { pattern: body.pattern }),
    ...(body.message !== undefined && { message: await blobs.put(body.message) }),
    ...(body.input !== undefined && { input: await blobs.put(canonicalJson(body.input)) }),
  };
}
