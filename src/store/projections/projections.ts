/** The lists: sessions newest first, approvals with the longest wait first. */
import type { Kysely } from 'kysely';
import { expand, refsOf } from '../../domain/events/blob-fields.ts';
import type { ApprovalFold } from '../../domain/events/fold-approval.ts';
import type { ApprovalRow, Page, Projections, SessionRow, Stretch } from '../../domain/ports/projections.ts';
import { heldGrants } from './grants.ts';
import type { BlobFiles } from '../blobs/files.ts';
import { load, textIn } from '../blobs/load.ts';
import type { Tables } from '../tables.ts';

interface Parts {
  readonly read: Kysely<Tables>;
  readonly files: BlobFiles;
}

export function createProjections(parts: Parts): Projections {
  const { read } = parts;
  return {
    async sessions({ status, project_id, ...stretch }) {
      const { cursor, side, direction, limit } = readingOf(stretch, 'desc');
      const from = cursor === undefined ? undefined : await placeOfSession(read, cursor);
      const rows = await read
        .selectFrom('session_view')
        .select('session_row')
        .$if(status !== undefined, (query) => query.where('status', '=', status!))
        .$if(project_id !== undefined, (query) => query.where('project_id', '=', project_id!))
        .$if(from !== undefined, (query) =>
          query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('created_at', 'session_id'), side, tuple(from!.created_at, cursor!)),
          ),
        )
        .orderBy('created_at', direction)
        .orderBy('session_id', direction)
        .limit(limit + 1)
        .execute();
      return page(
        rows.map(({ session_row }) => JSON.parse(session_row) as SessionRow),
        stretch,
      );
    },
    async session(session_id) {
      const row = await read
        .selectFrom('session_view')
        .select('session_row')
        .where('session_id', '=', session_id)
        .executeTakeFirst();
      return row ? (JSON.parse(row.session_row) as SessionRow) : null;
    },
    async approvals({ status, session_id, ...stretch }) {
      const { cursor, side, direction, limit } = readingOf(stretch, 'asc');
      const from = cursor === undefined ? undefined : await placeOfApproval(read, cursor);
      const rows = await read
        .selectFrom('approval_view')
        .select('approval_row')
        .$if(status !== undefined, (query) => query.where('status', '=', status!))
        .$if(session_id !== undefined, (query) => query.where('session_id', '=', session_id!))
        .$if(from !== undefined, (query) =>
          query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('requested_at', 'approval_id'), side, tuple(from!.requested_at, cursor!)),
          ),
        )
        .orderBy('requested_at', direction)
        .orderBy('approval_id', direction)
        .limit(limit + 1)
        .execute();
      return page(await shown(parts, rows), stretch);
    },
    grants: (session_id) => heldGrants(read, session_id),
    async approval(approval_id) {
      const row = await read
        .selectFrom('approval_view')
        .select('approval_row')
        .where('approval_id', '=', approval_id)
        .executeTakeFirst();
      return row ? ((await shown(parts, [row]))[0] ?? null) : null;
    },
  };
}

const placeOfSession = (read: Kysely<Tables>, session_id: string) =>
  read.selectFrom('session_view').select('created_at').where('session_id', '=', session_id).executeTakeFirst();

const placeOfApproval = (read: Kysely<Tables>, approval_id: string) =>
  read.selectFrom('approval_view').select('requested_at').where('approval_id', '=', approval_id).executeTakeFirst();

/** How the rows are read: what comes before a row is read from it backwards. */
function readingOf({ after, before, order, limit }: Stretch, usual: 'asc' | 'desc') {
  const rises = ((order ?? usual) === 'asc') === (before === undefined);
  const cursor = after ?? before;
  return {
    cursor,
    side: rises ? ('>' as const) : ('<' as const),
    direction: rises ? ('asc' as const) : ('desc' as const),
    limit,
  };
}

/** One row more than asked for was read. */
const page = <T>(rows: readonly T[], { before, limit }: Stretch): Page<T> => {
  const data = rows.slice(0, limit);
  return { data: before === undefined ? data : data.toReversed(), has_more: rows.length > limit };
};

/** Card and words are content: they are laid over the row, and missing when they were deleted. */
async function shown(parts: Parts, rows: readonly { approval_row: string }[]): Promise<readonly ApprovalRow[]> {
  const folds = rows.map(({ approval_row }) => JSON.parse(approval_row) as ApprovalFold);
  const refs = folds.flatMap(({ approval, resolution }) => [...refsOf({ approval }), ...refsOf(resolution ?? {})]);
  const text = textIn(await load(parts, refs));
  return folds.map(({ approval: stored, resolution, ...row }) => {
    const approval = expand({ approval: stored }, text)['approval'] as ApprovalRow['approval'];
    return { ...row, approval, resolution: resolution && expand(resolution, text), title: titleOf(approval) };
  });
}

const titleOf = ({ title }: ApprovalRow['approval']): string => (typeof title === 'string' ? title : '');
