/** Forgets the fetched work of a session; nothing of the person's own goes with it. */
import { TackError } from '../../domain/errors.ts';
import { branchOf } from '../../domain/git-names.ts';
import { commitOf, type Repository } from './repository.ts';
import { runGit, tryGit } from './run.ts';
import { fetchedRef } from './transport.ts';

/**
 * Deletes branch `tack/<slug>` and what was remembered of it; answers its commit, null when it was not there.
 * `workspace_dirty` when the branch is checked out somewhere or has commits of the person's own.
 */
export async function discardWork(repository: Repository, slug: string): Promise<string | null> {
  const branch = `refs/heads/${branchOf(slug)}`;
  const mark = fetchedRef(slug);
  const [stands, fetched] = [await commitOf(repository, branch), await commitOf(repository, mark)];
  if (stands !== null && stands !== fetched)
    throw new TackError(
      'workspace_dirty',
      `Branch ${branchOf(slug)} has commits of your own. Keep them (\`git branch -m ${branchOf(slug)} mine\`), or delete it yourself.`,
    );
  if (stands !== null) {
    await refuseCheckedOut(repository, branch);
    await runGit({ cwd: repository.top, args: ['update-ref', '-d', branch, stands] });
  }
  if (fetched !== null) await runGit({ cwd: repository.top, args: ['update-ref', '-d', mark, fetched] });
  return stands ?? fetched;
}

async function refuseCheckedOut(repository: Repository, branch: string): Promise<void> {
  const listed = await tryGit({ cwd: repository.top, args: ['worktree', 'list', '--porcelain'] });
  if (!listed.stdout.split('\n').includes(`branch ${branch}`)) return;
  throw new TackError(
    'workspace_dirty',
    `Branch ${branch.slice('refs/heads/'.length)} is checked out. Switch to another one, then discard it.`,
  );
}
