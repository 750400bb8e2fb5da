import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Use } from '../contract.ts';
import { LARGE, message, SESSION, sha256 } from './an-event.ts';

const LOG = `log_id = '${SESSION}'`;

export function chainContract(use: Use): void {
  describe('chain', () => {
    const five = async () => {
      const { store } = use();
      for (const n of [1, 2, 3, 4, 5])
        await store.log.append(SESSION, null, `${n}`, [message(`number ${n}`, { data: { text: `number ${n}`, n } })]);
    };

    it('verifies what it wrote, and an empty log', async () => {
      const { store } = use();
      expect(await store.log.verify(SESSION)).toBeNull();
      await five();
      expect(await store.log.verify(SESSION)).toBeNull();
    });

    it('hashes as it is written down: the hash before, then the RFC 8785 JSON with references', async () => {
      const { store } = use();
      await five();
      let before = sha256(`tackroom/1/${SESSION}`);
      for (const event of await store.log.read(SESSION, { after: 0, limit: 10 })) {
        const { hash, data, ...envelope } = event;
        const { text_ref, ...rest } = data;
        const flat: Record<string, unknown> = { ...envelope, data: { ...rest, text: text_ref } };
        expect(hash).toBe(sha256(before + sorted(flat)));
        expect(envelope.prev_hash).toBe(before);
        before = hash;
      }
    });

    it.each([
      ['changed', `update event set body = replace(body, '"n":3', '"n":9') where ${LOG} and seq = 3`, 3],
      ['removed from the middle', `delete from event where ${LOG} and seq = 3`, 3],
      ['removed from the end', `delete from event where ${LOG} and seq = 5`, 5],
      ['removed from the beginning', `delete from event where ${LOG} and seq = 1`, 1],
      ['given another type', `update event set type = 'plan.updated' where ${LOG} and seq = 2`, 2],
      ['given another hash', `update event set hash = '${sha256('x')}' where ${LOG} and seq = 4`, 4],
      ['left behind by its head', `delete from head where ${LOG}`, 5],
      ['moved to another log', `update event set log_id = 'ses_else' where ${LOG} and seq >= 4`, 4],
    ])('names the event that was %s', async (_how, sql, seq) => {
      const { store, subject } = use();
      await five();
      await subject.tamper(sql);
      expect(await store.log.verify(SESSION)).toEqual({ seq, problem: expect.any(String) as unknown });
    });

    it('names an event that was changed with its own hash made to fit: the next one does not follow it', async () => {
      const { store, subject } = use();
      await five();
      const [third] = await store.log.read(SESSION, { after: 2, limit: 1 });
      const { hash: _hash, data, ...envelope } = third!;
      const forged = sorted({ ...envelope, data: { n: 9, text: data['text_ref'] } });
      await subject.tamper(
        `update event set body = '${forged}', hash = '${sha256(third!.prev_hash + forged)}' where ${LOG} and seq = 3`,
      );
      expect(await store.log.verify(SESSION)).toMatchObject({ seq: 4 });
    });

    it('names an event whose content was exchanged', async () => {
      const { store, subject } = use();
      await five();
      const other = Buffer.from('number 9').toString('hex');
      await subject.tamper(`update blob set content = ${subject.bytes(other)} where digest = '${sha256('number 2')}'`);
      expect(await store.log.verify(SESSION)).toMatchObject({ seq: 2 });
    });

    it('names an event that names content which was exchanged, also where it is not shown with the event', async () => {
      const { store, subject } = use();
      const [policy, action] = [await store.blobs.put('{"rules":[]}'), await store.blobs.put('{"kind":"git.push"}')];
      const asked = message('', { type: 'approval.requested', data: { approval: { id: 'apr_1', action } } });
      const set = message('', { type: 'session.updated', data: { session_policy: policy } });
      await store.log.append(SESSION, null, 'a', [message('one'), asked, set]);
      expect(await store.log.verify(SESSION)).toBeNull();
      const forge = (digest: string) =>
        subject.tamper(
          `update blob set content = ${subject.bytes(Buffer.from('{}').toString('hex'))} where digest = '${digest}'`,
        );
      await forge(policy.$blob);
      expect(await store.log.verify(SESSION)).toMatchObject({ seq: 3 });
      await forge(action.$blob);
      expect(await store.log.verify(SESSION)).toMatchObject({ seq: 2 });
    });

    it('names an event whose large content was exchanged', async () => {
      const { store, subject } = use();
      const text = 'x'.repeat(LARGE);
      await store.log.append(SESSION, null, 'a', [message('small'), message(text)]);
      expect(await store.log.verify(SESSION)).toBeNull();
      writeFileSync(join(subject.blobs_dir, sha256(text).slice(0, 2), sha256(text)), 'y'.repeat(LARGE));
      expect(await store.log.verify(SESSION)).toMatchObject({ seq: 2 });
    });

    it('verifies, and reads on, after content was deleted: its digest stands', async () => {
      const { store, subject } = use();
      const large = 'x'.repeat(LARGE);
      await store.log.append(SESSION, null, 'a', [message('gone'), message(large), message('there')]);
      await subject.tamper(`delete from blob where digest = '${sha256('gone')}'`);
      for (const folder of readdirSync(subject.blobs_dir)) rmSync(join(subject.blobs_dir, folder), { recursive: true });
      expect(await store.log.verify(SESSION)).toBeNull();
      const texts = (await store.log.read(SESSION, { after: 0, limit: 3 })).map(({ data }) => data['text']);
      expect(texts).toEqual([{ $blob: sha256('gone'), bytes: 4 }, { $blob: sha256(large), bytes: LARGE }, 'there']);
    });

    it('verifies a log longer than a page, and finds a break behind it', async () => {
      const { store, subject } = use();
      for (const key of ['a', 'b', 'c'])
        await store.log.append(
          SESSION,
          null,
          key,
          Array.from({ length: 400 }, (_, n) => message(`${key}/${n}`)),
        );
      expect(await store.log.verify(SESSION)).toBeNull();
      await subject.tamper(`delete from event where ${LOG} and seq = 1100`);
      expect(await store.log.verify(SESSION)).toMatchObject({ seq: 1100 });
    });
  });
}

/** The oracle's own canonical JSON: enough for what these events hold (no numbers but small whole ones). */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, held]) => `${JSON.stringify(key)}:${sorted(held)}`).join(',')}}`;
}
