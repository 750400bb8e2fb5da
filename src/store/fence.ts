/** Who was overtaken writes nothing: the fencing number of a session's lease. */
import type { Transaction } from 'kysely';
import { TackError } from '../domain/errors.ts';
import type { Tables } from './tables.ts';

/** Throws `store_stale_epoch` unless this epoch is the newest. Given back is not overtaken: last words are still taken. */
export async function refuseStale(trx: Transaction<Tables>, session_id: string, epoch: number): Promise<void> {
  const lease = await trx.selectFrom('lease').select('epoch').where('session_id', '=', session_id).executeTakeFirst();
  if (lease?.epoch === epoch) return;
  throw new TackError(
    'store_stale_epoch',
    `Epoch ${epoch} of ${session_id} is over; the newest is ${lease?.epoch ?? 'not taken yet'}.`,
    { data: { session_id, epoch, newest: lease?.epoch ?? null } },
  );
}
