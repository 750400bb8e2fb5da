/** A page of rows that the store keeps: which stretch of them is asked for. */
import type { Stretch } from '../../../domain/ports/projections.ts';
import type { Paged } from '../../contract/list.ts';
import { refuseCursor, refuseTwoCursors } from './page.ts';

export const stretchOf = ({ limit, after, before, order }: Paged): Stretch => ({
  limit,
  order,
  ...(after !== undefined && { after }),
  ...(before !== undefined && { before }),
});

/** Throws `request_invalid` unless the row of the cursor is there. */
export async function requireRow(
  { after, before }: Pick<Paged, 'after' | 'before'>,
  find: (id: string) => Promise<unknown>,
): Promise<void> {
  refuseTwoCursors({ after, before });
  const cursor = after ?? before;
  if (cursor !== undefined && (await find(cursor)) === null) refuseCursor(after ? 'after' : 'before', cursor);
}
