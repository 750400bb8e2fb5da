import { z } from 'zod';
import { EXIT } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';
import { promptOf } from '../start/prompt.ts';
import { patiently } from '../watch/patient.ts';
import { watch } from '../watch/watch.ts';
import { whichSession } from '../watch/which-session.ts';

export const command = defineCommand({
  name: 'send',
  summary: 'Say something to a session.',
  arguments: [
    ['<id>', 'the session, an unambiguous beginning of its id, or latest'],
    ['[text...]', 'what to say; `-` reads it from stdin'],
  ],
  options: [
    ['--steer', 'into the running turn when the harness can, else first in the queue'],
    ['--follow', 'watch until its turn has ended'],
    ['--wait', 'with --follow, where nobody can be asked: stay until somebody else has answered'],
    ['--timeout <seconds>', 'with --follow: leave after this time'],
  ],
  examples: ['tack send latest "now the docs"', 'tack send ses_01… "use the other file" --steer --follow'],
  input: z.strictObject({
    id: z.string().min(1),
    text: z.array(z.string()),
    steer: z.boolean().default(false),
    follow: z.boolean().default(false),
    wait: z.boolean().default(false),
    timeout: z.coerce.number().positive().optional(),
  }),
  async run({ id, text, steer, follow, wait, timeout }, context) {
    const { out } = context;
    const said = await promptOf(text, context);
    const connection = await context.connect();
    const { client } = connection;
    const session = await whichSession(client, id);
    const body = { content: [{ type: 'text' as const, text: said }], delivery: steer ? 'steer' : 'queue' } as const;
    const sent = await patiently((options) =>
      client.sessions.send({ session_id: session.id, body: { ...body, content: [...body.content] } }, options),
    );
    if (!follow) {
      if (out.json) out.object(sent);
      else out.line(sent.turn_id);
      out.say(`Said to ${session.id}. Watch it: tack attach ${session.id}`);
      return EXIT.ok;
    }
    const { head_seq } = session;
    return watch(context, connection, {
      session,
      after: head_seq,
      live_after: head_seq,
      turns: [sent.turn_id],
      waits: wait,
      is_log: false,
      timeout_s: timeout,
    });
  },
});
