/** The native transcript of a harness, so that a session goes on without its home: append-only, gapless, fenced. */
import type { Transaction } from 'kysely';
import { canonicalJson } from '../domain/canonical.ts';
import { TackError } from '../domain/errors.ts';
import type { Archive } from '../domain/ports/records.ts';
import type { Database } from './database.ts';
import { refuseStale } from './fence.ts';
import type { Tables } from './tables.ts';

export function createArchive(db: Database): Archive {
  return {
    appendTranscript: (session_id, epoch, offset, bytes) =>
      db.transact(session_id, async (trx) => {
        await refuseStale(trx, session_id, epoch);
        const end = await endOf(trx, session_id);
        const known = bytes.subarray(0, Math.max(0, end - offset)); // said twice, perhaps with more behind it
        const fits = offset >= 0 && offset <= end && (await isThere(trx, { session_id, offset, bytes: known }));
        if (fits) return add(trx, { session_id, first_byte: end, content: bytes.subarray(known.length) });
        throw new TackError(
          'store_key_conflict',
          `The transcript of ${session_id} ends at byte ${end}; ${bytes.length} bytes at ${offset} do not go on from there.`,
          { data: { session_id, offset, end } },
        );
      }),
    async transcript(session_id) {
      const rows = await db.read
        .selectFrom('transcript')
        .select('content')
        .where('session_id', '=', session_id)
        .orderBy('first_byte')
        .execute();
      return Buffer.concat(rows.map(({ content }) => content));
    },
    saveResume: (session_id, epoch, state) =>
      db.transact(session_id, async (trx) => {
        await refuseStale(trx, session_id, epoch);
        const body = canonicalJson(state);
        await trx
          .insertInto('resume_state')
          .values({ session_id, body })
          .onConflict((same) => same.column('session_id').doUpdateSet({ body }))
          .execute();
      }),
    async resume(session_id) {
      const row = await db.read
        .selectFrom('resume_state')
        .select('body')
        .where('session_id', '=', session_id)
        .executeTakeFirst();
      return row ? (JSON.parse(row.body) as unknown) : null;
    },
  };
}

async function endOf(trx: Transaction<Tables>, session_id: string): Promise<number> {
  const last = await trx
    .selectFrom('transcript')
    .select('end_byte')
    .where('session_id', '=', session_id)
    .orderBy('first_byte', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.end_byte ?? 0;
}

async function add(
  trx: Transaction<Tables>,
  { session_id, first_byte, content }: Omit<Tables['transcript'], 'end_byte'>,
): Promise<void> {
  if (content.length === 0) return;
  await trx
    .insertInto('transcript')
    .values({ session_id, first_byte, end_byte: first_byte + content.length, content })
    .execute();
}

/** Whether exactly these bytes stand there. */
async function isThere(
  trx: Transaction<Tables>,
  { session_id, offset, bytes }: { readonly session_id: string; readonly offset: number; readonly bytes: Uint8Array },
): Promise<boolean> {
  if (bytes.length === 0) return true;
  const rows = await trx
    .selectFrom('transcript')
    .select(['first_byte', 'content'])
    .where('session_id', '=', session_id)
    .where('first_byte', '<', offset + bytes.length)
    .where('end_byte', '>', offset)
    .orderBy('first_byte')
    .execute();
  const there = Buffer.concat(rows.map(({ content }) => content));
  const from = offset - (rows[0]?.first_byte ?? offset);
  return there.subarray(from, from + bytes.length).equals(bytes);
}
