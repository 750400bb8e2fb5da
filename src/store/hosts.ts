/** Hosts and their slots: room for one turn each. */
import type { Transaction } from 'kysely';
import type { HostRow, Hosts } from '../domain/ports/leases.ts';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';

/** A host that was not heard of for so long gets no new turn (ms); a worker announces itself every 30 s. */
const UNSEEN_AFTER_MS = 120_000;

/** Slots are given out one after the other. */
const HOSTS = 'hosts';

interface HostParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** A worker that starts opens its host again; what it announces later leaves a drain as it is. */
export function createHosts({ db, clock }: HostParts): Hosts {
  const announced = new Set<string>();
  const at = (ms: number): string => new Date(ms).toISOString();
  return {
    async announce({ host, queue, slots }) {
      const seen = { queue, slots, seen_at: at(clock()) };
      const opened = announced.has(host) ? {} : { draining_since: null };
      await db.transact(HOSTS, (trx) =>
        trx
          .insertInto('host')
          .values({ host, draining_since: null, ...seen })
          .onConflict((same) => same.column('host').doUpdateSet({ ...seen, ...opened }))
          .execute(),
      );
      announced.add(host);
    },
    async drain(host) {
      const draining_since = at(clock());
      await db.transact(HOSTS, (trx) =>
        trx
          .updateTable('host')
          .set({ draining_since })
          .where('host', '=', host)
          .where('draining_since', 'is', null)
          .execute(),
      );
    },
    async list() {
      return (await db.read.selectFrom('host').selectAll().orderBy('host').execute()).map(rowOf);
    },
    reserve: ({ session_id, prefer, exclude }) =>
      db.transact(HOSTS, async (trx) => {
        const hosts = await trx.selectFrom('host').selectAll().orderBy('host').execute();
        const held = await trx
          .selectFrom('slot')
          .select('host')
          .where('session_id', '=', session_id)
          .executeTakeFirst();
        const seen_since = at(clock() - UNSEEN_AFTER_MS);
        const seen = hosts.filter(({ seen_at }) => seen_at >= seen_since);
        const others = seen.filter(({ host }) => !exclude.includes(host));
        const alive = others.length > 0 ? others : seen; // a host that was lost and is heard of again is better than none
        const holder = alive.find(({ host }) => host === held?.host);
        if (holder) return rowOf(holder);
        const open = alive.filter(({ draining_since }) => draining_since === null);
        const chosen = roomiest(open, await usedSlots(trx), prefer);
        if (!chosen) return null; // a slot that it has elsewhere stays: its attempt frees it
        const slot = { host: chosen.host, taken_at: at(clock()) };
        await trx
          .insertInto('slot')
          .values({ session_id, ...slot })
          .onConflict((same) => same.column('session_id').doUpdateSet(slot))
          .execute();
        return rowOf(chosen);
      }),
    async free(session_id) {
      await db.transact(HOSTS, (trx) => trx.deleteFrom('slot').where('session_id', '=', session_id).execute());
    },
  };
}

type Host = Tables['host'];

const rowOf = ({ host, queue, slots, draining_since, seen_at }: Host): HostRow => ({
  host,
  queue,
  slots,
  draining: draining_since !== null,
  seen_at,
});

async function usedSlots(trx: Transaction<Tables>): Promise<ReadonlyMap<string, number>> {
  const rows = await trx
    .selectFrom('slot')
    .select(({ fn }) => ['host', fn.countAll<number | string>().as('used')])
    .groupBy('host')
    .execute();
  return new Map(rows.map(({ host, used }) => [host, Number(used)]));
}

/** The preferred host when it has room, else the one with most of it. */
function roomiest(hosts: readonly Host[], used: ReadonlyMap<string, number>, prefer?: string): Host | undefined {
  const room = ({ host, slots }: Host): number => slots - (used.get(host) ?? 0);
  const free = hosts.filter((host) => room(host) > 0);
  return free.find(({ host }) => host === prefer) ?? free.toSorted((a, b) => room(b) - room(a))[0];
}
