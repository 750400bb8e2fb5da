import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Store } from '../../../../src/store/index.ts';
import type { Use } from '../contract.ts';
import { message, OTHER_SESSION, SESSION } from './an-event.ts';

export function watchContract(use: Use): void {
  describe('watch', () => {
    const stops: AbortController[] = [];
    const readings: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const stop of stops.splice(0)) stop.abort();
      for (const reading of readings.splice(0)) await reading();
      vi.restoreAllMocks();
    });

    /** Follows as a stream does: reads to the end, waits to be woken, reads on. */
    function follow({ log }: Store, log_id: string) {
      const stop = new AbortController();
      stops.push(stop);
      const seen: number[] = [];
      let wanted = { head: 0, resolve: () => {} };
      let reading = Promise.resolve();
      const read = () =>
        (reading = reading.then(async () => {
          for (const { seq } of await log.read(log_id, { after: seen.at(-1) ?? 0, limit: 1_000 })) seen.push(seq);
          if ((seen.at(-1) ?? 0) >= wanted.head) wanted.resolve();
        }));
      log.watch(log_id, () => void read(), stop.signal);
      void read();
      readings.push(() => reading);
      const reaches = (head: number): Promise<void> =>
        new Promise((resolve) => {
          wanted = { head, resolve };
          if ((seen.at(-1) ?? 0) >= head) resolve();
        });
      return { seen, reaches, stop };
    }

    it('wakes for an append of this process', async () => {
      const { store } = use();
      const follower = follow(store, SESSION);
      await store.log.append(SESSION, null, 'a', [message('one')]);
      await follower.reaches(1);
    });

    it('wakes for an append of another process that sends no word', async () => {
      const { store, other } = use();
      const follower = follow(store, SESSION);
      await other.log.append(SESSION, null, 'a', [message('one')]);
      await follower.reaches(1);
      await other.log.append(SESSION, null, 'b', [message('two')]);
      await follower.reaches(2);
    });

    it('loses no event of several writers', async () => {
      const { store, other } = use();
      const followers = [follow(store, SESSION), follow(other, SESSION), follow(store, SESSION)];
      for (let n = 0; n < 40; n++) await (n % 2 ? store : other).log.append(SESSION, null, `${n}`, [message(`${n}`)]);
      for (const { reaches, seen } of followers) {
        await reaches(40);
        expect(seen).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
      }
    });

    it('looks at once when it is poked', async () => {
      const { store, other } = use();
      const wait = globalThis.setTimeout;
      vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms: number) =>
        wait(run, ms === 250 ? 1_000_000 : ms)) as typeof setTimeout); // only the poke is left
      const follower = follow(store, SESSION);
      await other.log.append(SESSION, null, 'a', [message('one')]);
      store.log.poke(SESSION);
      await follower.reaches(1);
    });

    it('wakes nobody for another log', async () => {
      const { store } = use();
      const woken = vi.fn<() => void>();
      await store.log.append(SESSION, null, 'a', [message('one')]);
      const follower = follow(store, OTHER_SESSION);
      const stop = new AbortController();
      stops.push(stop);
      store.log.watch(SESSION, woken, stop.signal);
      await vi.waitFor(() => expect(woken).toHaveBeenCalledTimes(1), { timeout: 5_000 }); // once: what came before it began is unknown
      await store.log.append(OTHER_SESSION, null, 'a', [message('one')]);
      await follower.reaches(1);
      await store.log.append(OTHER_SESSION, null, 'b', [message('two')]);
      await follower.reaches(2);
      expect(woken).toHaveBeenCalledTimes(1);
    });

    it('is quiet after it was aborted, and when it was aborted before', async () => {
      const { store } = use();
      const woken = vi.fn<() => void>();
      const stop = new AbortController();
      store.log.watch(SESSION, woken, stop.signal);
      stop.abort();
      store.log.watch(SESSION, woken, stop.signal);
      const follower = follow(store, SESSION);
      await store.log.append(SESSION, null, 'a', [message('one')]);
      await follower.reaches(1);
      expect(woken).not.toHaveBeenCalled();
    });

    it('has one timer, however many watch', async () => {
      const { store } = use();
      const timers = vi.spyOn(globalThis, 'setTimeout');
      for (let n = 0; n < 50; n++) follow(store, `ses_${n % 7}`);
      expect(timers.mock.calls.filter(([, ms]) => ms === 250)).toHaveLength(1);
    });
  });
}
