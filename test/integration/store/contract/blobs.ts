import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Use } from '../contract.ts';
import { LARGE, sha256 } from './an-event.ts';

export function blobContract(use: Use): void {
  describe('blobs', () => {
    it.each([
      ['nothing', Buffer.alloc(0)],
      ['a few bytes', Buffer.from([0, 255, 128, 10])],
      ['the last that is a row', Buffer.alloc(LARGE - 1, 7)],
      ['the first that is a file', Buffer.alloc(LARGE, 7)],
      ['some megabytes', Buffer.alloc(5_000_000, 'abc')],
    ])('keeps %s, for every process', async (_what, bytes) => {
      const { store, other } = use();
      const ref = await store.blobs.put(bytes);
      expect(ref).toEqual({ $blob: sha256(bytes), bytes: bytes.length });
      expect(Buffer.from(await other.blobs.get(ref)).equals(bytes)).toBe(true);
    });

    it('gives the same bytes the same reference, as text or not, at the same moment too', async () => {
      const { store, other } = use();
      for (const text of ['Grüße', 'x'.repeat(LARGE)]) {
        const refs = await Promise.all(
          [store, other, store].map(({ blobs }, n) => blobs.put(n === 1 ? Buffer.from(text) : text)),
        );
        expect(refs).toEqual([refs[0], refs[0], refs[0]]);
        expect(await other.blobs.text(refs[0]!)).toBe(text);
      }
    });

    it('lays large ones down as files that their owner alone may read', async () => {
      const { store, subject } = use();
      const { $blob } = await store.blobs.put('y'.repeat(LARGE));
      const file = join(subject.blobs_dir, $blob.slice(0, 2), $blob);
      expect(readFileSync(file, 'utf8')).toBe('y'.repeat(LARGE));
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(subject.blobs_dir).mode & 0o777).toBe(0o700);
    });

    it('says that content is gone', async () => {
      const { store, subject } = use();
      const small = await store.blobs.put('small');
      const large = await store.blobs.put('z'.repeat(LARGE));
      await subject.tamper(`delete from blob where digest = '${small.$blob}'`);
      rmSync(join(subject.blobs_dir, large.$blob.slice(0, 2), large.$blob));
      for (const ref of [small, large, { $blob: sha256('never kept') }])
        await expect(store.blobs.get(ref)).rejects.toMatchObject({ code: 'store_unavailable' });
    });

    it('gives nothing out that is not what its digest says', async () => {
      const { store, subject } = use();
      const small = await store.blobs.put('small');
      const large = await store.blobs.put('z'.repeat(LARGE));
      await subject.tamper(`update blob set content = ${subject.bytes('00')} where digest = '${small.$blob}'`);
      writeFileSync(join(subject.blobs_dir, large.$blob.slice(0, 2), large.$blob), 'cut');
      for (const ref of [small, large])
        await expect(store.blobs.get(ref)).rejects.toMatchObject({ code: 'store_corrupt' });
    });
  });
}
