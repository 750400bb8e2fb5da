import { z } from 'zod';
import { EXIT, TackError } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';
import { treeOf } from '../git/repository.ts';
import { runGit, showGit } from '../git/run.ts';
import { workOf, type FetchedWork } from '../git/work-of.ts';
import { paintPatch } from '../patch-colors.ts';
import { printable } from '../render/printable.ts';
import { whichSession } from '../watch/which-session.ts';

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
    const session = await whichSession(client, id);
    const work = await workOf(session, { cwd: context.cwd, remote: { base_url, token } });
    if (out.json) return (out.object(await described(session.id, work, stat)), EXIT.ok);
    if (await isUnchanged(work)) out.say(`${session.id} has changed nothing.`);
    // also with the other stream sent elsewhere: nothing of an agent steers a terminal
    if (process.stdout.isTTY === true)
      out.text(paintPatch(printable(await difference(work, stat ? ['--stat'] : [])), out.colors));
    else await raw(work, { stat, color: out.colors.isColorSupported });
    return EXIT.ok;
  },
});

const isUnchanged = async ({ repository, base, work }: FetchedWork): Promise<boolean> =>
  (await treeOf(repository, base)) === (await treeOf(repository, work));

const NO_PROGRAMS = ['--no-ext-diff', '--no-textconv'] as const;

/** As git writes it: a file of it is a patch. */
async function raw(
  { repository, base, work }: FetchedWork,
  { stat, color }: { readonly stat: boolean; readonly color: boolean },
): Promise<void> {
  const looks = [`--color=${color ? 'always' : 'never'}`, ...(stat ? ['--stat'] : [])];
  const args = ['--no-pager', 'diff', ...NO_PROGRAMS, ...looks, base, work, '--'];
  const code = await showGit({ cwd: repository.top, args });
  if (code !== 0) throw new TackError('git_failed', `git diff ended with ${code}.`);
}

const difference = async ({ repository, base, work }: FetchedWork, flags: readonly string[]): Promise<string> => {
  const args = ['diff', ...NO_PROGRAMS, '--no-color', ...flags, base, work, '--'];
  const text = await runGit({ cwd: repository.top, args });
  return text === '' ? '' : `${text}\n`;
};

async function described(session_id: string, fetched: FetchedWork, stat: boolean) {
  const { base, work, branch } = fetched;
  const counted = (await difference(fetched, ['--numstat', '--no-renames', '-z']))
    .trimEnd()
    .split('\0')
    .filter(Boolean);
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
    ...(!stat && { patch: await difference(fetched, []) }),
  };
}

/** git writes `-` for a binary file. */
const countOf = (text: string): number | null => (text === '-' ? null : Number(text));
