/** The work of a session, fetched into the person's repository. */
import { TackError } from '../../domain/errors.ts';
import { branchOf, slugIn } from '../../domain/git-names.ts';
import type { Session } from '../../api/contract/session.ts';
import type { Work } from './apply.ts';
import { commitOf, openRepository, type Repository } from './repository.ts';
import { fetchBase, fetchWork, type Remote } from './transport.ts';

export interface FetchedWork extends Work {
  readonly repository: Repository;
  /** As the person sees it: `tack/<slug>`. */
  readonly branch: string;
}

/** Null before a turn has ended. */
export const slugOfWork = ({ branch }: Pick<Session, 'branch'>): string | null => slugIn(branch ?? '');

/**
 * Fetches it as branch `tack/<slug>`. `repository_missing` in another repository than the session was started in;
 * `work_missing` before a turn has ended.
 */
export async function workOf(session: Session, { cwd, remote }: { cwd: string; remote: Remote }): Promise<FetchedWork> {
  const repository = await repositoryOf(session, cwd);
  const slug = slugOfWork(session);
  const work = slug === null ? null : await fetchWork(repository, remote, slug);
  const base = session.base_commit;
  if (slug === null || work === null || base === null)
    throw new TackError('work_missing', `${session.id} has changed nothing that was saved yet.`);
  if ((await commitOf(repository, base)) === null) await fetchBase(repository, remote, session.id);
  return { repository, base, work, branch: branchOf(slug) };
}

/** The repository around a folder, when it is the one that the session was started in. */
export async function repositoryOf(session: Session, cwd: string): Promise<Repository> {
  const repository = await openRepository(cwd);
  if (session.project_id !== repository.project_id)
    throw new TackError(
      'repository_missing',
      session.project_id === null
        ? `${session.id} was started without a repository.`
        : `${session.id} was started in another repository than ${repository.top}. Change into that one, or name it with -C.`,
    );
  return repository;
}
