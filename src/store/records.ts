/** What must be known before a log begins, and what outlives it: sessions asked for, answers given, lasting grants. */
import { canonicalJson } from '../domain/canonical.ts';
import { TackError } from '../domain/errors.ts';
import type { Records, SessionRecord } from '../domain/ports/records.ts';
import type { Database } from './database.ts';

type Grant = Readonly<Record<string, unknown>>;

export function createRecords({ db, now }: { readonly db: Database; readonly now: () => string }): Records {
  const { read } = db;
  return {
    createSession: (record) =>
      db.transact(record.session_id, async (trx) => {
        const { session_id } = record;
        const kept = await trx
          .insertInto('session_record')
          .values({ session_id, record: canonicalJson(record) })
          .onConflict((same) => same.column('session_id').doNothing())
          .returning('session_id')
          .executeTakeFirst();
        if (kept) return;
        const before = await trx
          .selectFrom('session_record')
          .select('record')
          .where('session_id', '=', session_id)
          .executeTakeFirstOrThrow();
        if (isSame(JSON.parse(before.record) as SessionRecord, record)) return;
        throw new TackError('store_key_conflict', `The session ${session_id} was recorded with other content.`);
      }),
    async session(session_id) {
      const row = await read
        .selectFrom('session_record')
        .select('record')
        .where('session_id', '=', session_id)
        .executeTakeFirst();
      return row ? (JSON.parse(row.record) as SessionRecord) : null;
    },
    claim: (idempotency_key, request_digest, forget_before) =>
      db.transact(keyed(idempotency_key), async (trx) => {
        const taken = { idempotency_key, request_digest, status: UNANSWERED, body: '', created_at: now() };
        const known = await trx
          .selectFrom('idempotency')
          .selectAll()
          .where('idempotency_key', '=', idempotency_key)
          .executeTakeFirst();
        if (known && known.created_at >= forget_before) {
          if (known.request_digest !== request_digest) return { kind: 'mismatch' };
          if (known.status === UNANSWERED) return { kind: 'ours' };
          return { kind: 'known', status: known.status, body: JSON.parse(known.body) as unknown };
        }
        if (known) await trx.deleteFrom('idempotency').where('idempotency_key', '=', idempotency_key).execute();
        await trx.insertInto('idempotency').values(taken).execute();
        return { kind: 'ours' };
      }),
    async remember(idempotency_key, request_digest, { status, body }) {
      const answer = { status, body: JSON.stringify(body ?? null) };
      await db.transact(keyed(idempotency_key), (trx) =>
        trx
          .updateTable('idempotency')
          .set(answer)
          .where('idempotency_key', '=', idempotency_key)
          .where('request_digest', '=', request_digest)
          .where('status', '=', UNANSWERED)
          .execute(),
      );
    },
    async release(idempotency_key, request_digest) {
      await db.transact(keyed(idempotency_key), (trx) =>
        trx
          .deleteFrom('idempotency')
          .where('idempotency_key', '=', idempotency_key)
          .where('request_digest', '=', request_digest)
          .where('status', '=', UNANSWERED)
          .execute(),
      );
    },
    forgetKeys: (before) =>
      db.transact('idempotency', async (trx) => {
        const { numDeletedRows } = await trx
          .deleteFrom('idempotency')
          .where('created_at', '<', before)
          .executeTakeFirstOrThrow();
        return Number(numDeletedRows);
      }),
    async grants(project_id) {
      const rows = await read
        .selectFrom('lasting_grant')
        .select('body')
        .where('project_id', '=', project_id)
        .where('revoked_at', 'is', null)
        .orderBy('created_at')
        .orderBy('grant_id')
        .execute();
      return rows.map(({ body }) => JSON.parse(body) as Grant);
    },
    async allGrants() {
      const rows = await read
        .selectFrom('lasting_grant')
        .select(['project_id', 'body'])
        .where('revoked_at', 'is', null)
        .orderBy('created_at')
        .orderBy('grant_id')
        .execute();
      return rows.map(({ project_id, body }) => ({ project_id, grant: JSON.parse(body) as Grant }));
    },
    async writeGrant(project_id, grant) {
      const { grant_id } = grant;
      await db.transact(grant_id, (trx) =>
        trx
          .insertInto('lasting_grant')
          .values({ grant_id, project_id, body: canonicalJson(grant), created_at: now(), revoked_at: null })
          .onConflict((same) => same.column('grant_id').doNothing()) // also when it was revoked since
          .execute(),
      );
    },
    revokeGrant: (grant_id) =>
      db.transact(grant_id, async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('lasting_grant')
          .set({ revoked_at: now() })
          .where('grant_id', '=', grant_id)
          .where('revoked_at', 'is', null)
          .executeTakeFirstOrThrow();
        return numUpdatedRows > 0n;
      }),
    async isGrantRevoked(grant_id) {
      const row = await read
        .selectFrom('lasting_grant')
        .select('revoked_at')
        .where('grant_id', '=', grant_id)
        .executeTakeFirst();
      return row !== undefined && row.revoked_at !== null;
    },
  };
}

/** The status of a key that was taken and has no answer yet. */
const UNANSWERED = 0;

const keyed = (idempotency_key: string): string => `idempotency/${idempotency_key}`;

/** Two tries of one POST differ in when they came. */
function isSame(before: SessionRecord, now: SessionRecord): boolean {
  return canonicalJson({ ...before, created_at: '' }) === canonicalJson({ ...now, created_at: '' });
}
