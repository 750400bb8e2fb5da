import { z } from 'zod';
import type { Approval, ApprovalOption } from '../../api/contract/approval.ts';
import type { Client } from '../../api/contract/client.ts';
import { EXIT, isTackError, TackError } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import { decide } from '../decide.ts';
import { findApproval } from '../find-approval.ts';
import { patternWords } from '../render/pattern.ts';
import { oneLine } from '../render/printable.ts';
import { sayStillOpen } from '../still-open.ts';

type Option = z.infer<typeof ApprovalOption>;
type Allow = 'allow_once' | 'allow_session' | 'allow_always';

export const command = defineCommand({
  name: 'approve',
  summary: 'Allow a waiting action.',
  arguments: [['<id>', 'the approval, or the beginning of its id; `latest` or a session, when only one waits there']],
  options: [
    ['--session', 'allow everything that the shown pattern covers, in this session'],
    ['--always', 'the same, in this project from now on'],
    ['--again', 'ask again first, when it has expired'],
    ['-y, --yes', 'do not ask whether the pattern is meant'],
  ],
  examples: ['tack approve apr_01…', 'tack approve apr_01… --session'],
  input: z
    .strictObject({
      id: z.string().min(1),
      session: z.boolean().default(false),
      always: z.boolean().default(false),
      again: z.boolean().default(false),
      yes: z.boolean().default(false),
    })
    .refine(({ session, always }) => !(session && always), '--session and --always: choose one'),
  async run({ id, session, always, again, yes }, context) {
    const { out } = context;
    const { client } = await context.connect();
    const read = await findApproval(client, id);
    const approval = again && read.status === 'expired' ? await askedAgain(client, read) : read;
    const wanted: Allow = always ? 'allow_always' : session ? 'allow_session' : 'allow_once';
    const pattern = approval.status === 'pending' ? optionOf(approval, wanted).pattern : null;
    if (pattern) {
      out.say(`It covers: ${patternWords(pattern)}`);
      const agreed = yes || !context.may_ask || (await confirm(context, 'Allow all of this?'));
      if (!agreed) return (out.say('Nothing was answered.'), EXIT.failed);
    }
    const decided = await decide(client, approval, { decision: wanted, ...(pattern && { pattern }) });
    if (out.json) out.object(decided);
    else out.line(`${out.colors.green('✓')} ${DONE[wanted]}: ${oneLine(approval.title, 200)}`);
    await sayStillOpen(client, approval, out);
    return EXIT.ok;
  },
});

const DONE: Readonly<Record<Allow, string>> = {
  allow_once: 'Allowed once',
  allow_session: 'Allowed in this session',
  allow_always: 'Allowed in this project',
};

function optionOf({ id, kind, options }: Approval, wanted: Allow): Option {
  const option = options.find(({ decision }) => decision === wanted);
  if (option) return option;
  const way_out =
    kind === 'question' ? `Answer it: \`tack answer ${id} "…"\`.` : `Allow it once: \`tack approve ${id}\`.`;
  throw new TackError(
    'decision_invalid',
    kind === 'question'
      ? `A question is answered, not allowed. ${way_out}`
      : `This action cannot be remembered (${wanted}). ${way_out}`,
  );
}

const SEEN_WITHIN_MS = 10_000;

/** The new question about the same action, once the inbox has it. */
async function askedAgain(client: Client, expired: Approval): Promise<Approval> {
  const { approval_id } = await client.approvals.askAgain({ approval_id: expired.id, body: {} });
  const deadline = performance.now() + SEEN_WITHIN_MS;
  for (;;)
    try {
      return await client.approvals.show({ approval_id });
    } catch (error) {
      const isEarly = isTackError(error) && error.code === 'approval_not_found' && performance.now() < deadline;
      if (!isEarly) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
}
