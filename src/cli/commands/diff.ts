import { z } from 'zod';
import { EXIT, TackError } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';
import { findSession } from '../find-session.ts';
import { runGit, showGit } from '../git/run.ts';
import { workOf, type FetchedWork } from '../git/work-of.ts';

export const command = defineCommand({
  name: 'diff',
  summary: 'Show what a session changed.',
  arguments: [['<id>', 'the session, an unambiguous beginning of its id, or latest']],
  options: [['--stat', 'the files and how much of each']],
  examples: ['tack diff latest', 'tack diff ses_01… --stat'],
  input: z.strictObject({ id: z.string().min(1), stat: z.boolean().default(false) }),
  async run({ id, stat }, context) {
    const { out } = context;
    const { client, base_url, token } = await context.connect();
    const session = await findSession(client, id);
    const work = await workOf(session, { cwd: context.cwd, remote: { base_url, token } });
    if (out.json) return (out.object(await described(session.id, work, stat)), EXIT.ok);
    const { repository, base, work: commit } = work;
    const color = out.colors.isColorSupported ? 'always' : 'never';
    const code = await showGit({
      cwd: repository.top,
      args: [
        '--no-pager',
        'diff',
        `--color=${color}`,
        '--no-ext-diff',
        '--no-textconv',
        ...(stat ? ['--stat'] : []),
        base,
        commit,
        '--',
      ],
    });
    if (code !== 0) throw new TackError('git_failed', `git diff ended with ${code}.`);
    return EXIT.ok;
  },
});

async function described(session_id: string, { repository, base, work, branch }: FetchedWork, stat: boolean) {
  const diff = (...args: readonly string[]) =>
    runGit({
      cwd: repository.top,
      args: ['diff', '--no-ext-diff', '--no-textconv', '--no-color', ...args, base, work, '--'],
    });
  const counted = (await diff('--numstat', '--no-renames', '-z')).split('\0').filter(Boolean);
  const files = counted.map((line) => {
    const [added = '', removed = '', ...path] = line.split('\t');
    return { path: path.join('\t'), added: countOf(added), removed: countOf(removed) };
  });
  return {
    object: 'diff',
    session_id,
    branch,
    base_commit: base,
    work_commit: work,
    files,
    ...(!stat && { patch: await diff() }),
  };
}

/** git writes `-` for a binary file. */
const countOf = (text: string): number | null => (text === '-' ? null : Number(text));
