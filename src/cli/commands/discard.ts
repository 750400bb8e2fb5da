import { z } from 'zod';
import { EXIT, TackError } from '../../domain/errors.ts';
import { branchOf } from '../../domain/git-names.ts';
import { defineCommand } from '../command.ts';
import { discardWork } from '../git/discard.ts';
import { repositoryOf, slugOfWork } from '../git/work-of.ts';
import { noteWork } from '../note-work.ts';
import { whichSession } from '../watch/which-session.ts';

export const command = defineCommand({
  name: 'discard',
  summary: 'Forget the work of a session.',
  arguments: [['<id>', 'the session, an unambiguous beginning of its id, or latest']],
  examples: ['tack discard ses_01…'],
  input: z.strictObject({ id: z.string().min(1) }),
  async run({ id }, context) {
    const { out } = context;
    const { client } = await context.connect();
    const session = await whichSession(client, id);
    const repository = await repositoryOf(session, context.cwd);
    const slug = slugOfWork(session);
    const commit = slug === null ? null : ((await discardWork(repository, slug)) ?? session.work_commit);
    if (slug === null || commit === null)
      throw new TackError('work_missing', `${session.id} has changed nothing that was saved yet.`);
    const branch = branchOf(slug);
    const noted = await noteWork(client, { session_id: session.id, what: 'discarded', commit, branch }, out);
    if (out.json) out.object({ object: 'discard', session_id: session.id, commit, branch, noted });
    else out.line(`Branch ${branch} is gone. Your working tree is as it was.`);
    return EXIT.ok;
  },
});
