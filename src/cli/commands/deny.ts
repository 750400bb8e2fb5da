import { z } from 'zod';
import { EXIT } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';
import { decide } from '../decide.ts';
import { findApproval } from '../find-approval.ts';
import { oneLine } from '../render/printable.ts';
import { sayStillOpen } from '../still-open.ts';

export const command = defineCommand({
  name: 'deny',
  summary: 'Refuse a waiting action.',
  arguments: [['<id>', 'the approval, or the beginning of its id; `latest` or a session, when only one waits there']],
  options: [
    ['-m, --message <why>', 'told to the agent'],
    ['--stop', 'end the turn, too'],
  ],
  examples: ['tack deny apr_01… -m "use the staging database"', 'tack deny apr_01… --stop'],
  input: z.strictObject({
    id: z.string().min(1),
    message: z.string().min(1).max(20_000).optional(),
    stop: z.boolean().default(false),
  }),
  async run({ id, message, stop }, context) {
    const { out } = context;
    const { client } = await context.connect();
    const approval = await findApproval(client, id);
    const decided = await decide(client, approval, {
      decision: stop ? 'deny_and_stop' : 'deny',
      ...(message !== undefined && { message }),
    });
    if (out.json) out.object(decided);
    else out.line(`${out.colors.red('✗')} Denied${stop ? ', and the turn ends' : ''}: ${oneLine(approval.title, 200)}`);
    if (!stop) await sayStillOpen(client, approval, out);
    return EXIT.ok;
  },
});
