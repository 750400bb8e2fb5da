/** Reading a log: in order, with references turned back into content. */
import type { Kysely } from 'kysely';
import type { Sha256 } from '../../domain/canonical.ts';
import { expand, refsOf } from '../../domain/events/blob-fields.ts';
import { genesisOf, type Unsealed } from '../../domain/events/chain.ts';
import type { Envelope } from '../../domain/events/envelope.ts';
import type { EventLog } from '../../domain/ports/event-log.ts';
import type { BlobFiles } from '../blobs/files.ts';
import { load, textIn } from '../blobs/load.ts';
import type { Tables } from '../tables.ts';

export interface ReadParts {
  readonly read: Kysely<Tables>;
  readonly files: BlobFiles;
  readonly sha256: Sha256;
}

export function createReading(parts: ReadParts): Pick<EventLog, 'read' | 'head'> {
  return {
    async read(log_id, query) {
      const rows = await rowsOf(parts.read, log_id, query);
      const stored = rows.map(({ body, hash }) => ({ ...(JSON.parse(body) as Unsealed), hash }));
      const contents = await load(
        parts,
        stored.flatMap(({ data }) => refsOf(data)),
      );
      const text = textIn(contents);
      return stored.map((event): Envelope => ({ ...event, data: { ...expand(event.data, text) } }));
    },
    async head(log_id) {
      const head = await parts.read
        .selectFrom('head')
        .select(['seq', 'hash'])
        .where('log_id', '=', log_id)
        .executeTakeFirst();
      return head ?? { seq: 0, hash: genesisOf(log_id, parts.sha256) };
    },
  };
}

type Query = Parameters<EventLog['read']>[1];

function rowsOf(read: Kysely<Tables>, log_id: string, { limit, types, ...from }: Query) {
  const [side, seq, order] =
    'after' in from ? (['>', from.after, 'asc'] as const) : (['<', from.before, 'desc'] as const);
  const ordered = read
    .selectFrom('event')
    .select(['body', 'hash'])
    .where('log_id', '=', log_id)
    .where('seq', side, seq)
    .orderBy('seq', order)
    .limit(limit);
  if (!types) return ordered.execute();
  if (types.length === 0) return [];
  return ordered // what is skipped is skipped in the index, without its body
    .where('seq', 'in', (index) =>
      index
        .selectFrom('event')
        .select('seq')
        .where('log_id', '=', log_id)
        .where('type', 'in', types)
        .where('seq', side, seq)
        .orderBy('seq', order)
        .limit(limit),
    )
    .execute();
}
