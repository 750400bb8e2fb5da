import { z } from 'zod';
import type { Approval } from '../../api/contract/approval.ts';
import type { Client } from '../../api/contract/client.ts';
import { EXIT } from '../../domain/errors.ts';
import { ID_PREFIXES } from '../../domain/ids.ts';
import { approvalText } from '../approval-text.ts';
import { defineCommand } from '../command.ts';
import { findApproval } from '../find-approval.ts';
import type { Output } from '../output.ts';
import { allRows } from '../pages.ts';
import { whichSession } from '../watch/which-session.ts';

export const command = defineCommand({
  name: 'approvals',
  summary: 'List what waits for a person.',
  arguments: [['[id]', 'one approval in full, or the approvals of a session']],
  options: [
    ['--all', 'also what was answered, has expired or was cancelled'],
    ['-q, --quiet', 'ids only'],
  ],
  examples: ['tack approvals', 'tack approvals apr_01…', 'tack approvals latest --all'],
  input: z.strictObject({
    id: z.string().min(1).optional(),
    all: z.boolean().default(false),
    quiet: z.boolean().default(false),
  }),
  async run({ id, all, quiet }, context) {
    const { out } = context;
    const { client } = await context.connect();
    const isOne = id?.startsWith(`${ID_PREFIXES.approval}_`) ?? false;
    const found = isOne ? [await findApproval(client, id ?? '')] : await listed(client, { id, all });
    if (out.json) out.object(isOne ? found[0] : { object: 'list', data: found });
    else if (quiet) for (const approval of found) out.line(approval.id);
    else await show(found, { client, out, whole: isOne });
    return EXIT.ok;
  },
});

async function listed(
  client: Client,
  { id, all }: { readonly id: string | undefined; readonly all: boolean },
): Promise<readonly Approval[]> {
  const session = id === undefined ? null : await whichSession(client, id);
  return allRows((page) =>
    client.approvals.list({
      ...page,
      ...(!all && { status: 'pending' as const }),
      ...(session && { session_id: session.id }),
    }),
  );
}

async function show(
  approvals: readonly Approval[],
  { client, out, whole }: { readonly client: Client; readonly out: Output; readonly whole: boolean },
): Promise<void> {
  if (approvals.length === 0) return out.line('Nothing waits for you.');
  const ids = [...new Set(approvals.map(({ session_id }) => session_id))];
  const titles = new Map(
    await Promise.all(
      ids.map(async (session_id) => [session_id, (await client.sessions.show({ session_id })).title] as const),
    ),
  );
  for (const [n, approval] of approvals.entries()) {
    if (n > 0) out.line('');
    const session = titles.get(approval.session_id) ?? '';
    const look = { colors: out.colors, width: process.stdout.columns ?? 100 };
    for (const line of approvalText(approval, { look, now: new Date().toISOString(), whole, session })) out.line(line);
  }
}
