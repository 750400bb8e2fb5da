/** The person's work goes to the server: a snapshot of the repository by push, and which ignored folders come along. */
import type { IncludedFolder } from '../../domain/included-folder.ts';
import type { Connection, Context } from '../context.ts';
import { findIncluded } from '../git/include.ts';
import type { Repository } from '../git/repository.ts';
import { takeSnapshot } from '../git/snapshot.ts';
import { pushBase } from '../git/transport.ts';
import { inBytes } from '../render/amounts.ts';
import { printable } from '../render/printable.ts';

export interface PushWish {
  readonly repository: Repository;
  readonly session_id: string;
  /** HEAD alone, without what is not committed. */
  readonly clean: boolean;
  /** From the agent file; undefined: the usual ones. */
  readonly include: readonly string[] | undefined;
}

export interface Pushed {
  readonly base_commit: string;
  readonly include: readonly IncludedFolder[];
}

export async function pushWork(
  { out }: Pick<Context, 'out'>,
  { base_url, token }: Connection,
  { repository, session_id, clean, include }: PushWish,
): Promise<Pushed> {
  const folders = await findIncluded(repository, include);
  const snapshot = await takeSnapshot(repository, { clean });
  try {
    const what =
      snapshot.commit === repository.head ? `HEAD (${snapshot.commit.slice(0, 8)})` : 'HEAD with your changes';
    out.say(out.colors.dim(`Pushing ${what} of ${printable(repository.top)} …`));
    for (const note of snapshot.notes) out.say(`  ${printable(note)}`);
    for (const { path, bytes: size } of folders)
      out.say(out.colors.dim(`  along comes ${printable(path)} (${inBytes(size)})`));
    await pushBase(repository, { base_url, token }, snapshot, session_id);
    return { base_commit: snapshot.commit, include: folders };
  } finally {
    snapshot.dispose();
  }
}
