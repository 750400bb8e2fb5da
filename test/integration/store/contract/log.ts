import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Use } from '../contract.ts';
import { aLease, LARGE, message, OTHER_SESSION, SESSION, sha256 } from './an-event.ts';

export function logContract(use: Use): void {
  describe('log', () => {
    it('numbers events from 1 without a gap, each log by itself', async () => {
      const { store, other } = use();
      expect(await store.log.append(SESSION, null, 'a', [message('one'), message('two')])).toMatchObject({
        first_seq: 1,
        head_seq: 2,
      });
      expect(await other.log.append(SESSION, null, 'b', [message('three')])).toMatchObject({
        first_seq: 3,
        head_seq: 3,
      });
      expect(await other.log.append(OTHER_SESSION, null, 'a', [message('else')])).toMatchObject({ first_seq: 1 });
      const events = await store.log.read(SESSION, { after: 0, limit: 10 });
      expect(events.map(({ seq, data }) => [seq, data['text']])).toEqual([
        [1, 'one'],
        [2, 'two'],
        [3, 'three'],
      ]);
    });

    it('stamps what it was told with id, time and place, and changes nothing of it', async () => {
      const { store } = use();
      const said = message('hello', {
        actor: { type: 'user', id: 'user:anna' },
        via: 'cli',
        data: { text: 'hello', n: 1 },
      });
      const { head_hash } = await store.log.append(SESSION, null, 'a', [said]);
      expect(await store.log.read(SESSION, { after: 0, limit: 10 })).toEqual([
        {
          ...said,
          data: { text: 'hello', text_ref: { $blob: sha256('hello'), bytes: 5 }, n: 1 },
          id: expect.stringMatching(/^evt_[0-9a-z]{26}$/) as unknown,
          seq: 1,
          session_id: SESSION,
          run_id: null,
          parent_session_id: null,
          created_at: '2026-11-24T12:00:00.000Z',
          traceparent: null,
          prev_hash: sha256(`tackroom/1/${SESSION}`),
          hash: head_hash,
        },
      ]);
    });

    it('answers a key again with what it answered, and writes nothing', async () => {
      const { store, other } = use();
      const first = await store.log.append(SESSION, null, 'a', [message('one'), message('two')]);
      await store.log.append(SESSION, null, 'b', [message('three')]);
      expect(await other.log.append(SESSION, null, 'a', [message('one'), message('two')])).toEqual(first);
      expect(await store.log.head(SESSION)).toMatchObject({ seq: 3 });
    });

    it('takes content and its reference for the same, when a key comes again', async () => {
      const { store } = use();
      const first = await store.log.append(SESSION, null, 'a', [message('one')]);
      const ref = await store.blobs.put('one');
      expect(await store.log.append(SESSION, null, 'a', [message('', { data: { text: ref } })])).toEqual(first);
    });

    it('lets no words of an agent stand for other content, or for a file of this machine', async () => {
      const { store, subject } = use();
      const { epoch } = await store.leases.take(aLease());
      const harmless = await store.blobs.put('{"command":"ls"}');
      mkdirSync(subject.blobs_dir, { recursive: true });
      writeFileSync(join(subject.blobs_dir, 'secret'), 'of the machine');
      const secret = { $blob: `..${'/..'.repeat(30)}${join(subject.blobs_dir, 'secret')}` };
      const inputs = [{ command: 'rm -rf .', ...harmless }, harmless, secret, { ...secret, bytes: LARGE }];
      const calls = inputs.map((input) => message('', { type: 'agent.tool_use', data: { input } }));
      await store.log.append(SESSION, epoch, 'a', calls);
      const events = await store.log.read(SESSION, { after: 0, limit: 10 });
      expect(events.map(({ data }) => data['input'])).toEqual(inputs);
      expect(await store.log.verify(SESSION)).toBeNull(); // nor does it look like a forged log
      await expect(store.blobs.get(secret)).rejects.toMatchObject({ code: 'store_unavailable' });
      await store.log.append(SESSION, null, 'b', [message('', { data: { input: harmless } })]); // the control: a reference of our own
      expect((await store.log.read(SESSION, { after: 4, limit: 1 }))[0]?.data['input']).toEqual({ command: 'ls' });
    });

    it.each([
      ['other words', [message('two')]],
      ['another actor', [message('one', { actor: { type: 'user', id: 'user:eve' } })]],
      ['one event more', [message('one'), message('two')]],
      ['nothing', []],
    ])('refuses a known key with %s', async (_what, events) => {
      const { store } = use();
      await store.log.append(SESSION, null, 'a', [message('one')]);
      await expect(store.log.append(SESSION, null, 'a', events)).rejects.toMatchObject({ code: 'store_key_conflict' });
      expect(await store.log.head(SESSION)).toMatchObject({ seq: 1 });
    });

    it('lets every log have the same keys', async () => {
      const { store } = use();
      await store.log.append(SESSION, null, 'a', [message('one')]);
      expect(await store.log.append(OTHER_SESSION, null, 'a', [message('two')])).toMatchObject({ head_seq: 1 });
    });

    it('appends nothing for no events, and remembers that', async () => {
      const { store } = use();
      const nothing = await store.log.append(SESSION, null, 'a', []);
      expect(nothing).toMatchObject({ first_seq: 1, head_seq: 0 });
      await store.log.append(SESSION, null, 'b', [message('one')]);
      expect(await store.log.append(SESSION, null, 'a', [])).toEqual(nothing);
    });

    it('refuses the events of an epoch that was overtaken, and takes those of the newest', async () => {
      const { store, other } = use();
      const former = await store.leases.take(aLease());
      await store.log.append(SESSION, former.epoch, 'a', [message('one')]);
      const newer = await other.leases.take(aLease());
      await expect(store.log.append(SESSION, former.epoch, 'b', [message('late')])).rejects.toMatchObject({
        code: 'store_stale_epoch',
      });
      await other.log.append(SESSION, newer.epoch, 'b', [message('two')]);
      const events = await store.log.read(SESSION, { after: 0, limit: 10 });
      expect(events.map(({ data }) => data['text'])).toEqual(['one', 'two']);
    });

    it('tells who was overtaken so, also when the key is known', async () => {
      const { store } = use();
      const former = await store.leases.take(aLease());
      await store.log.append(SESSION, former.epoch, 'a', [message('one')]);
      await store.leases.take(aLease());
      await expect(store.log.append(SESSION, former.epoch, 'a', [message('one')])).rejects.toMatchObject({
        code: 'store_stale_epoch',
      });
    });

    it.each([0, 1, 7])('refuses the epoch %i of a lease that nobody took', async (epoch) => {
      const { store } = use();
      await expect(store.log.append(SESSION, epoch, 'a', [message('one')])).rejects.toMatchObject({
        code: 'store_stale_epoch',
      });
      expect(await store.log.head(SESSION)).toMatchObject({ seq: 0 });
    });

    it('takes the machine’s events whoever holds the lease', async () => {
      const { store } = use();
      await store.leases.take(aLease());
      expect(await store.log.append(SESSION, null, 'a', [message('one')])).toMatchObject({ head_seq: 1 });
    });

    it('gives pages in order, also of some types only', async () => {
      const { store } = use();
      const events = Array.from({ length: 30 }, (_, n) =>
        message(`${n}`, { type: n % 3 === 0 ? 'agent.thinking' : n % 3 === 1 ? 'agent.message' : 'plan.updated' }),
      );
      await store.log.append(SESSION, null, 'a', events);
      const seqs = async (query: Parameters<typeof store.log.read>[1]) =>
        (await store.log.read(SESSION, query)).map(({ seq }) => seq);
      expect(await seqs({ after: 3, limit: 4 })).toEqual([4, 5, 6, 7]);
      expect(await seqs({ after: 28, limit: 10 })).toEqual([29, 30]);
      expect(await seqs({ after: 30, limit: 10 })).toEqual([]);
      expect(await seqs({ before: 4, limit: 2 })).toEqual([3, 2]);
      expect(await seqs({ before: 1, limit: 2 })).toEqual([]);
      expect(await seqs({ before: 10, limit: 2, types: ['plan.updated'] })).toEqual([9, 6]);
      expect(await seqs({ after: 0, limit: 3, types: ['plan.updated'] })).toEqual([3, 6, 9]);
      expect(await seqs({ after: 2, limit: 4, types: ['agent.thinking', 'plan.updated'] })).toEqual([3, 4, 6, 7]);
      expect(await seqs({ after: 0, limit: 10, types: ['turn.started'] })).toEqual([]);
      expect(await seqs({ after: 0, limit: 10, types: [] })).toEqual([]);
    });

    it('knows the head of a log, and where an empty one begins', async () => {
      const { store } = use();
      expect(await store.log.head(SESSION)).toEqual({ seq: 0, hash: sha256(`tackroom/1/${SESSION}`) });
      const { head_hash } = await store.log.append(SESSION, null, 'a', [message('one')]);
      expect(await store.log.head(SESSION)).toEqual({ seq: 1, hash: head_hash });
    });

    it('gives content back as it was said: large, structured, odd', async () => {
      const { store } = use();
      const text = `\u{feff}a\u0000b\ud800 ${'x'.repeat(LARGE)}`;
      const input = { b: [1, null, { deep: '\ud83d\ude00' }], a: 'é' };
      await store.log.append(SESSION, null, 'a', [message('', { data: { text, input, note: 'as it is' } })]);
      const [event] = await store.log.read(SESSION, { after: 0, limit: 1 });
      expect(event?.data).toMatchObject({ text: text.replace('\ud800', '\ufffd'), input, note: 'as it is' }); // half a character has no UTF-8
    });

    it('keeps appends of two processes whole and apart', async () => {
      const { store, other } = use();
      const writers = [store, other, store, other].map(async ({ log }, writer) => {
        for (let n = 0; n < 25; n++)
          await log.append(SESSION, null, `${writer}/${n}`, [message(`${writer}/${n}/a`), message(`${writer}/${n}/b`)]);
      });
      await Promise.all(writers);
      const events = await store.log.read(SESSION, { after: 0, limit: 1_000 });
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
      const texts = events.map(({ data }) => String(data['text']));
      for (let at = 0; at < texts.length; at += 2) expect(texts[at + 1]).toBe(texts[at]!.replace(/a$/, 'b'));
      for (const writer of [0, 1, 2, 3])
        expect(texts.filter((text) => text.startsWith(`${writer}/`)).map((text) => Number(text.split('/')[1]))).toEqual(
          Array.from({ length: 50 }, (_, n) => Math.floor(n / 2)),
        );
      expect(await store.log.verify(SESSION)).toBeNull();
    });

    it('writes a key once when several say it at the same moment', async () => {
      const { store, other } = use();
      const answers = await Promise.all(
        [store, other, store, other].map(({ log }) => log.append(SESSION, null, 'a', [message('one')])),
      );
      expect(new Set(answers.map(({ head_hash }) => head_hash)).size).toBe(1);
      expect(await store.log.head(SESSION)).toMatchObject({ seq: 1 });
    });
  });
}
