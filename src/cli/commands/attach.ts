import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { talk } from '../render/look.ts';
import { headerLines } from '../render/session.ts';
import { lookOf } from '../watch/view.ts';
import { watch } from '../watch/watch.ts';
import { whichSession } from '../watch/which-session.ts';

/** How many events of the past are shown. */
const REPLAYED = 200;

export const command = defineCommand({
  name: 'attach',
  summary: 'Watch a session and answer it.',
  arguments: [['<id>', 'the session, an unambiguous beginning of its id, or latest']],
  options: [['--timeout <seconds>', 'leave after this time; the session runs on']],
  examples: ['tack attach latest', 'tack attach ses_01… --json | jq .type'],
  input: z.strictObject({ id: z.string().min(1), timeout: z.coerce.number().positive().optional() }),
  async run({ id, timeout }, context) {
    const { out } = context;
    const connection = await context.connect();
    const session = await whichSession(connection.client, id);
    const after = Math.max(0, session.head_seq - REPLAYED);
    if (after > 0 && !out.json) {
      for (const piece of talk(...headerLines(session, lookOf(context))))
        if (piece.to === 'talk') (out.is_terminal ? out.say : out.line)(piece.line);
      out.say(out.colors.dim(`  … ${after} events came before: tack logs ${session.id}`));
    }
    const { head_seq: live_after } = session;
    return watch(context, connection, {
      session,
      after,
      live_after,
      turns: null,
      waits: true,
      is_log: !out.is_terminal,
      timeout_s: timeout,
    });
  },
});
