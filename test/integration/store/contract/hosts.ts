import { describe, expect, it } from 'vitest';
import type { Use } from '../contract.ts';

export function hostContract(use: Use): void {
  describe('hosts', () => {
    const announce = async (host: string, slots = 2) =>
      use().store.hosts.announce({ host, queue: `tack-host-${host}`, slots });
    const reserve = async (session_id: string, over: { prefer?: string; exclude?: readonly string[] } = {}) =>
      (await use().other.hosts.reserve({ session_id, exclude: [], ...over }))?.host ?? null;

    it('lists hosts as they announced themselves last', async () => {
      const { store, other, time } = use();
      await announce('b');
      await announce('a');
      time.now += 30_000;
      await store.hosts.announce({ host: 'b', queue: 'tack-host-b-2', slots: 5 });
      expect(await other.hosts.list()).toEqual([
        { host: 'a', queue: 'tack-host-a', slots: 2, draining: false, seen_at: '2026-11-24T12:00:00.000Z' },
        { host: 'b', queue: 'tack-host-b-2', slots: 5, draining: false, seen_at: '2026-11-24T12:00:30.000Z' },
      ]);
    });

    it('gives out as many slots as there are, and one again when it is freed', async () => {
      const { other } = use();
      await announce('a', 2);
      expect([await reserve('ses_1'), await reserve('ses_2'), await reserve('ses_3')]).toEqual(['a', 'a', null]);
      await other.hosts.free('ses_1');
      expect(await reserve('ses_3')).toBe('a');
      expect(await reserve('ses_1')).toBeNull();
    });

    it('gives no slot twice when many ask at the same moment', async () => {
      const { store, other } = use();
      await announce('a', 3);
      await announce('b', 4);
      const rows = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 ? store : other).hosts.reserve({ session_id: `ses_${n}`, exclude: [] }),
        ),
      );
      const given = rows.flatMap((row) => row?.host ?? []);
      expect(given.filter((host) => host === 'a')).toHaveLength(3);
      expect(given.filter((host) => host === 'b')).toHaveLength(4);
    });

    it('gives a session its slot again, and takes no second one', async () => {
      await announce('a', 1);
      expect([await reserve('ses_1'), await reserve('ses_1'), await reserve('ses_2')]).toEqual(['a', 'a', null]);
    });

    it('takes the preferred host while it has room, then the one with most', async () => {
      await announce('a', 4);
      await announce('b', 1);
      expect(await reserve('ses_1', { prefer: 'b' })).toBe('b');
      expect(await reserve('ses_2', { prefer: 'b' })).toBe('a');
      await announce('c', 9);
      expect(await reserve('ses_3')).toBe('c');
    });

    it('moves a session away from a host that is excluded', async () => {
      await announce('a', 1);
      await announce('b', 1);
      expect(await reserve('ses_1', { prefer: 'a' })).toBe('a');
      expect(await reserve('ses_1', { exclude: ['a'] })).toBe('b');
      expect(await reserve('ses_2')).toBe('a');
    });

    it('gives an excluded host to a session where nobody else lives: a machine that was lost and is back goes on', async () => {
      await announce('a');
      expect(await reserve('ses_1', { exclude: ['a'] })).toBe('a');
      await announce('b', 1);
      expect(await reserve('ses_2', { exclude: ['a'] })).toBe('b');
      expect(await reserve('ses_3', { exclude: ['a'] })).toBeNull(); // the other one lives, and is full
    });

    it('gives none of a host that drains, though who has one keeps it', async () => {
      const { other } = use();
      await announce('a', 2);
      expect(await reserve('ses_1')).toBe('a');
      await other.hosts.drain('a');
      expect(await reserve('ses_2', { prefer: 'a' })).toBeNull();
      expect(await reserve('ses_1')).toBe('a');
      await announce('a', 2);
      expect(await other.hosts.list()).toMatchObject([{ host: 'a', draining: true }]);
    });

    it('opens a drained host again when its worker starts anew', async () => {
      const { store, subject, time } = use();
      await announce('a');
      await store.hosts.drain('a');
      const anew = await subject.connect({ clock: () => time.now });
      await anew.hosts.announce({ host: 'a', queue: 'tack-host-a', slots: 2 });
      await anew.close();
      expect(await reserve('ses_1')).toBe('a');
    });

    it('gives none of a host that was not heard of for two minutes, not even a former one', async () => {
      const { time } = use();
      await announce('a');
      expect(await reserve('ses_1')).toBe('a');
      time.now += 121_000;
      expect(await reserve('ses_2')).toBeNull();
      expect(await reserve('ses_1')).toBeNull();
      await announce('b');
      expect(await reserve('ses_1')).toBe('b');
      await announce('a');
      expect(await reserve('ses_2', { prefer: 'a' })).toBe('a');
    });
  });
}
