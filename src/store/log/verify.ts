/** Walks the chain of a log from its first event to its head, and the content that is still there. */
import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { everyRefIn } from '../../domain/events/blob-fields.ts';
import { genesisOf, hashOf, type Unsealed } from '../../domain/events/chain.ts';
import type { EventLog } from '../../domain/ports/event-log.ts';
import { load } from '../blobs/load.ts';
import type { Tables } from '../tables.ts';
import type { ReadParts } from './read.ts';
import type { Head } from './stamp.ts';

type Break = { readonly seq: number; readonly problem: string };

const PAGE = 500;

export function createVerify(parts: ReadParts): EventLog['verify'] {
  const { read, sha256 } = parts;
  return async (log_id) => {
    const head = await read.selectFrom('head').selectAll().where('log_id', '=', log_id).executeTakeFirst();
    let last: Head = { seq: 0, hash: genesisOf(log_id, sha256) };
    for (;;) {
      const rows = await pageOf(read, log_id, last.seq);
      for (const row of rows) {
        const problem = problemOf(row, { log_id, last, hashed: hashOf(last.hash, row.body, sha256) });
        if (problem !== null) return { seq: last.seq + 1, problem };
        const unlike = await contentUnlike(parts, row);
        if (unlike) return unlike;
        last = row;
      }
      if (rows.length < PAGE) return endOf(last, head);
      await setImmediate(); // a long log must not stop the loop
    }
  };
}

type Row = Pick<Tables['event'], 'seq' | 'type' | 'turn_id' | 'body' | 'hash'>;

const pageOf = (read: Kysely<Tables>, log_id: string, after: number): Promise<Row[]> =>
  read
    .selectFrom('event')
    .select(['seq', 'type', 'turn_id', 'body', 'hash'])
    .where('log_id', '=', log_id)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(PAGE)
    .execute();

interface Place {
  readonly log_id: string;
  readonly last: Head;
  readonly hashed: string;
}

function problemOf(row: Row, { log_id, last, hashed }: Place): string | null {
  if (row.seq !== last.seq + 1) return `it is missing: event ${row.seq} follows ${last.seq}`;
  if (row.hash !== hashed) return 'its content is not what was hashed';
  const body = JSON.parse(row.body) as Unsealed; // it was hashed, so it is what was written
  if (body.prev_hash !== last.hash) return 'it does not follow the event before it';
  if (body.session_id !== log_id) return `it belongs to ${body.session_id}`;
  if (body.seq !== row.seq || body.type !== row.type || body.turn_id !== row.turn_id)
    return 'its columns differ from what was hashed';
  return null;
}

/** Deleted content is no break: its digest stands in the chain. Other content under the same digest is one. */
async function contentUnlike(parts: ReadParts, { seq, body }: Row): Promise<Break | null> {
  const unlike: string[] = [];
  await load(parts, everyRefIn((JSON.parse(body) as Unsealed).data), (digest) => unlike.push(digest));
  return unlike[0] === undefined ? null : { seq, problem: `the content ${unlike[0]} is not what its digest says` };
}

/** Events that came while we walked are no break; a head that is ahead of its log is one. */
function endOf(last: Head, head: Head | undefined): Break | null {
  if (!head) return last.seq === 0 ? null : { seq: last.seq, problem: 'the log has no head' };
  if (head.seq > last.seq) return { seq: last.seq + 1, problem: `it is missing: the head is at ${head.seq}` };
  if (head.seq === last.seq && head.hash !== last.hash) return { seq: head.seq, problem: 'the head has another hash' };
  return null;
}
