/** Writing to a log: one transaction of fence, key, content, events and what is folded from them. */
import type { Transaction } from 'kysely';
import { digestOf } from '../../domain/canonical.ts';
import { TackError } from '../../domain/errors.ts';
import { genesisOf } from '../../domain/events/chain.ts';
import type { NewEvent } from '../../domain/events/new-event.ts';
import { takeOut, type Refs } from '../../domain/events/take-out.ts';
import type { Appended, EventLog } from '../../domain/ports/event-log.ts';
import type { BlobFiles } from '../blobs/files.ts';
import { keepFiles, keepRows, type Contents } from '../blobs/keep.ts';
import type { Database } from '../database.ts';
import { refuseStale } from '../fence.ts';
import { project } from '../projections/project.ts';
import type { Tables } from '../tables.ts';
import { stamp, type Head, type Stamped, type StampParts } from './stamp.ts';

interface AppendParts extends StampParts {
  readonly db: Database;
  readonly files: BlobFiles;
  /** Called when it stands in the log. */
  readonly appended: (log_id: string, head_seq: number) => void;
}

export function createAppend(parts: AppendParts): EventLog['append'] {
  const { db, files, sha256, appended } = parts;
  return async (log_id, epoch, key, events) => {
    const { kept, contents } = split(events, { ...parts, refs: epoch === null ? 'own' : 'none' }); // an attempt writes down what an agent says
    const digest = digestOf(kept, sha256);
    await keepFiles(files, contents);
    const answer = await db.transact(log_id, async (trx) => {
      if (epoch !== null) await refuseStale(trx, log_id, epoch);
      const before = await answered(trx, { log_id, key, digest });
      if (before) return before;
      const head = await headOf(trx, log_id, genesisOf(log_id, sha256));
      const stamped = stamp(parts, { log_id, head }, kept);
      await keepRows(trx, contents);
      await writeEvents(trx, log_id, stamped);
      const last = stamped.at(-1)?.envelope ?? head;
      const now: Appended = { first_seq: head.seq + 1, head_seq: last.seq, head_hash: last.hash };
      await trx
        .insertInto('append_key')
        .values({ log_id, append_key: key, digest, ...now })
        .execute();
      const envelopes = stamped.map(({ envelope }) => envelope);
      await project(trx, log_id, envelopes);
      return now;
    });
    appended(log_id, answer.head_seq);
    return answer;
  };
}

/** Only what an event means: two producers of one key may differ in nothing else. */
function split(
  events: readonly NewEvent[],
  parts: Pick<StampParts, 'sha256'> & { readonly refs: Refs },
): { kept: readonly NewEvent[]; contents: Contents } {
  const contents = new Map<string, Uint8Array>();
  const kept = events.map(({ type, turn_id, actor, via, data: whole }) => {
    const { data, texts } = takeOut(whole, parts);
    for (const [digest, text] of texts) contents.set(digest, new TextEncoder().encode(text));
    return { type, turn_id, actor, via, data };
  });
  return { kept, contents };
}

async function answered(
  trx: Transaction<Tables>,
  { log_id, key, digest }: { readonly log_id: string; readonly key: string; readonly digest: string },
): Promise<Appended | null> {
  const known = await trx
    .selectFrom('append_key')
    .select(['digest', 'first_seq', 'head_seq', 'head_hash'])
    .where('log_id', '=', log_id)
    .where('append_key', '=', key)
    .executeTakeFirst();
  if (!known) return null;
  const { digest: before, ...answer } = known;
  if (before === digest) return answer;
  throw new TackError('store_key_conflict', `The key ${key} was written to ${log_id} with other content.`, {
    data: { log_id, key },
  });
}

async function headOf(trx: Transaction<Tables>, log_id: string, genesis: string): Promise<Head> {
  const head = await trx.selectFrom('head').select(['seq', 'hash']).where('log_id', '=', log_id).executeTakeFirst();
  return head ?? { seq: 0, hash: genesis };
}

/** Rows of one statement. */
const CHUNK = 500;

async function writeEvents(trx: Transaction<Tables>, log_id: string, stamped: readonly Stamped[]): Promise<void> {
  const last = stamped.at(-1)?.envelope;
  if (!last) return;
  const rows = stamped.map(({ body, envelope: { seq, type, turn_id, hash } }) => ({
    log_id,
    seq,
    type,
    turn_id,
    body,
    hash,
  }));
  for (let at = 0; at < rows.length; at += CHUNK)
    await trx
      .insertInto('event')
      .values(rows.slice(at, at + CHUNK))
      .execute();
  const { seq, hash } = last;
  await trx
    .insertInto('head')
    .values({ log_id, seq, hash })
    .onConflict((same) => same.column('log_id').doUpdateSet({ seq, hash }))
    .execute();
}
