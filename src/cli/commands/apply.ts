import { z } from 'zod';
import { EXIT } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';
import { applyWork } from '../git/apply.ts';
import { workOf } from '../git/work-of.ts';
import { noteWork } from '../note-work.ts';
import { plural } from '../render/amounts.ts';
import { oneLine } from '../render/printable.ts';
import { whichSession } from '../watch/which-session.ts';

export const command = defineCommand({
  name: 'apply',
  summary: 'Bring the work of a session into your working tree.',
  arguments: [['<id>', 'the session, an unambiguous beginning of its id, or latest']],
  examples: ['tack apply latest', 'tack diff ses_01… && tack apply ses_01…'],
  input: z.strictObject({ id: z.string().min(1) }),
  async run({ id }, context) {
    const { out } = context;
    const { client, base_url, token } = await context.connect();
    const session = await whichSession(client, id);
    const { repository, base, work, branch } = await workOf(session, {
      cwd: context.cwd,
      remote: { base_url, token },
    });
    const files = await applyWork(repository, { base, work });
    const noted =
      files.length > 0 &&
      (await noteWork(client, { session_id: session.id, what: 'applied', commit: work, branch }, out));
    if (out.json) out.object({ object: 'apply', session_id: session.id, commit: work, branch, files, noted });
    else if (files.length === 0) out.line('Nothing to do: your working tree has it already.');
    else {
      for (const file of files) out.line(`${out.colors.green('✓')} ${oneLine(file, 300)}`);
      out.say(`${plural(files.length, 'file')} changed, uncommitted. What you had is still there.`);
    }
    return EXIT.ok;
  },
});
