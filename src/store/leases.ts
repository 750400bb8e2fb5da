/** The right to write a session: each taking raises the fencing number. */
import type { Leases } from '../domain/ports/leases.ts';
import type { Database } from './database.ts';

export function createLeases({ db, now }: { readonly db: Database; readonly now: () => string }): Leases {
  return {
    take: (wish) =>
      db.transact(wish.session_id, async (trx) => {
        const { session_id, host, workflow_id, workflow_run_id, activity_id, holder } = wish;
        const of = { host, workflow_id, workflow_run_id, activity_id, holder, taken_at: now(), released_at: null };
        return trx
          .insertInto('lease')
          .values({ session_id, epoch: 1, ...of })
          .onConflict((same) =>
            same.column('session_id').doUpdateSet((eb) => ({ ...of, epoch: eb('lease.epoch', '+', 1) })),
          )
          .returning(LEASE)
          .executeTakeFirstOrThrow();
      }),
    async release(session_id, epoch) {
      await db.transact(session_id, (trx) =>
        trx
          .updateTable('lease')
          .set({ released_at: now() })
          .where('session_id', '=', session_id)
          .where('epoch', '=', epoch)
          .where('released_at', 'is', null)
          .execute(),
      );
    },
    held: ({ host } = {}) =>
      db.read
        .selectFrom('lease')
        .select(LEASE)
        .where('released_at', 'is', null)
        .$if(host !== undefined, (query) => query.where('host', '=', host!))
        .orderBy('taken_at')
        .execute(),
  };
}

const LEASE = [
  'session_id',
  'epoch',
  'host',
  'workflow_id',
  'workflow_run_id',
  'activity_id',
  'holder',
  'taken_at',
] as const;
