/** When a turn has ended its work comes into the person's repository as a branch, and the ways on are told. */
import type { Session } from '../../api/contract/session.ts';
import { isTackError } from '../../domain/errors.ts';
import { branchOf, slugIn } from '../../domain/git-names.ts';
import type { Connection, Context } from '../context.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { fetchWork } from '../git/transport.ts';
import { talk, type Piece } from '../render/look.ts';
import { oneLine } from '../render/printable.ts';
import type { SavedWork } from './progress.ts';

export interface WorkPlace {
  readonly repository: Repository;
}

/** The repository around the folder, when it is the session's own; null elsewhere. */
export async function placeOf(
  { cwd }: Pick<Context, 'cwd'>,
  session: Pick<Session, 'project_id'>,
): Promise<WorkPlace | null> {
  try {
    const repository = await openRepository(cwd);
    return repository.project_id === session.project_id ? { repository } : null;
  } catch (error) {
    if (isTackError(error) && error.code === 'repository_missing') return null;
    throw error;
  }
}

interface WorkWish {
  readonly session: Pick<Session, 'id' | 'base_commit'>;
  readonly place: WorkPlace | null;
  readonly work: SavedWork;
  readonly connection: Connection;
}

/** Nothing for a turn that changed nothing. A branch that cannot be moved is told, and everything stays as it is. */
export async function bringWork({ session, place, work, connection }: WorkWish): Promise<readonly Piece[]> {
  if (work.commit === session.base_commit) return [];
  const ways = `  tack diff ${session.id} · tack apply ${session.id}`;
  if (!place) return talk(`  The session has work for you. In its repository: ${ways.trim()}`);
  const slug = slugIn(work.ref) ?? work.ref;
  try {
    const { base_url, token } = connection;
    const commit = await fetchWork(place.repository, { base_url, token }, slug);
    return commit === null ? [] : talk(`  Work: branch ${branchOf(oneLine(slug, 80))} (${commit.slice(0, 8)})`, ways);
  } catch (error) {
    if (!isTackError(error)) throw error;
    return talk(`  The work was not fetched: ${oneLine(error.message, 300)}`, ways);
  }
}
