import { z } from 'zod';
import { EXIT } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';
import { whichSession } from '../watch/which-session.ts';

export const command = defineCommand({
  name: 'interrupt',
  summary: 'End the running turn of a session.',
  arguments: [['<id>', 'the session, an unambiguous beginning of its id, or latest']],
  options: [['-m, --message <why>', 'kept in the log']],
  examples: ['tack interrupt latest'],
  input: z.strictObject({ id: z.string().min(1), message: z.string().min(1).max(1_000).optional() }),
  async run({ id, message }, context) {
    const { out } = context;
    const { client } = await context.connect();
    const session = await whichSession(client, id);
    const body = message === undefined ? {} : { reason: message };
    const answer = await client.sessions.interrupt({ session_id: session.id, body });
    if (out.json) out.object(answer);
    else out.line(answer.stopped ? `The turn of ${session.id} ends.` : `No turn of ${session.id} is open.`);
    return EXIT.ok;
  },
});
