import { describe, expect, it } from 'vitest';
import type { Use } from '../contract.ts';
import { aLease, OTHER_SESSION, SESSION } from './an-event.ts';

export function archiveContract(use: Use): void {
  describe('archive', () => {
    const taken = async () => (await use().store.leases.take(aLease())).epoch;
    const add = (epoch: number, offset: number, text: string) =>
      use().store.archive.appendTranscript(SESSION, epoch, offset, Buffer.from(text));
    const whole = async () => Buffer.from(await use().other.archive.transcript(SESSION)).toString();

    it('gives back a transcript as it was appended, each session its own', async () => {
      const { store, other } = use();
      const epoch = await taken();
      expect(await whole()).toBe('');
      await add(epoch, 0, 'one\n');
      await add(epoch, 4, 'zwölf\n');
      const large = Buffer.alloc(300_000, 'abc');
      await store.archive.appendTranscript(SESSION, epoch, 11, large);
      expect(await whole()).toBe(`one\nzwölf\n${large.toString()}`);
      expect(await other.archive.transcript(OTHER_SESSION)).toHaveLength(0);
    });

    it('takes what is said twice once, across the borders of its pieces', async () => {
      const epoch = await taken();
      await add(epoch, 0, 'one\n');
      await add(epoch, 4, 'two\n');
      await add(epoch, 4, 'two\n');
      await add(epoch, 2, 'e\ntw');
      await add(epoch, 8, '');
      await add(epoch, 4, 'two\nthree\n');
      expect(await whole()).toBe('one\ntwo\nthree\n');
    });

    it.each([
      ['leaves a gap', 9, 'late\n'],
      ['changes what stands', 4, 'TWO\n'],
      ['changes what stands and goes on', 4, 'TWO\nthree\n'],
      ['begins before it', -1, 'one\n'],
    ])('refuses what %s', async (_how, offset, text) => {
      const epoch = await taken();
      await add(epoch, 0, 'one\n');
      await add(epoch, 4, 'two\n');
      await expect(add(epoch, offset, text)).rejects.toMatchObject({ code: 'store_key_conflict', data: { end: 8 } });
      expect(await whole()).toBe('one\ntwo\n');
    });

    it('refuses who was overtaken, in transcript and state', async () => {
      const { store, other } = use();
      const former = await taken();
      await add(former, 0, 'one\n');
      const newer = (await other.leases.take(aLease())).epoch;
      await expect(add(former, 4, 'two\n')).rejects.toMatchObject({ code: 'store_stale_epoch' });
      await expect(store.archive.saveResume(SESSION, former, {})).rejects.toMatchObject({ code: 'store_stale_epoch' });
      await add(newer, 4, '2\n');
      expect(await whole()).toBe('one\n2\n');
    });

    it('keeps the newest state of a harness', async () => {
      const { store, other } = use();
      const epoch = await taken();
      expect(await other.archive.resume(SESSION)).toBeNull();
      await store.archive.saveResume(SESSION, epoch, { native_session_id: 'a' });
      await store.archive.saveResume(SESSION, epoch, { native_session_id: 'b', turns: 2 });
      expect(await other.archive.resume(SESSION)).toEqual({ native_session_id: 'b', turns: 2 });
    });
  });
}
