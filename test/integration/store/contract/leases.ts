import { describe, expect, it } from 'vitest';
import type { Use } from '../contract.ts';
import { aLease, OTHER_SESSION, SESSION } from './an-event.ts';

export function leaseContract(use: Use): void {
  describe('leases', () => {
    it('raises the epoch at each taking, whoever held it', async () => {
      const { store, other } = use();
      expect(await store.leases.take(aLease())).toEqual({
        ...aLease(),
        epoch: 1,
        taken_at: '2026-11-24T12:00:00.000Z',
      });
      expect(await other.leases.take(aLease({ holder: '18.1', activity_id: '2' }))).toMatchObject({
        epoch: 2,
        holder: '18.1',
        activity_id: '2',
      });
      expect(await store.leases.take(aLease({ session_id: OTHER_SESSION }))).toMatchObject({ epoch: 1 });
    });

    it('gives each of those who take it at the same moment an epoch of their own', async () => {
      const { store, other } = use();
      const taken = await Promise.all(
        Array.from({ length: 20 }, (_, n) => (n % 2 ? store : other).leases.take(aLease())),
      );
      expect(taken.map(({ epoch }) => epoch).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, n) => n + 1),
      );
    });

    it('shows those that are held, of one host too, until they are given back', async () => {
      const { store, other } = use();
      const held = async (host?: string) =>
        (await other.leases.held(host === undefined ? undefined : { host })).map(({ session_id, epoch }) => [
          session_id,
          epoch,
        ]);
      await store.leases.take(aLease());
      const { epoch } = await store.leases.take(aLease({ session_id: OTHER_SESSION, host: 'host-2' }));
      expect(await held()).toEqual([
        [SESSION, 1],
        [OTHER_SESSION, 1],
      ]);
      expect(await held('host-2')).toEqual([[OTHER_SESSION, 1]]);
      await store.leases.release(OTHER_SESSION, epoch);
      expect(await held('host-2')).toEqual([]);
      await store.leases.take(aLease({ session_id: OTHER_SESSION, host: 'host-2' }));
      expect(await held('host-2')).toEqual([[OTHER_SESSION, 2]]);
    });

    it('does not take it from a newer holder when the former one gives it back', async () => {
      const { store, other } = use();
      const former = await store.leases.take(aLease());
      await other.leases.take(aLease());
      await store.leases.release(SESSION, former.epoch);
      expect(await store.leases.held()).toMatchObject([{ epoch: 2 }]);
    });
  });
}
