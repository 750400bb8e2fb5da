/** Property: whatever is named by a log, a row, another content or a history of the engine is kept; all else goes, and only that. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../src/store/index.ts';
import { blobs } from '../../../src/upkeep/gc/blobs.ts';
import { readdirSync } from 'node:fs';

const folder = mkdtempSync(join(tmpdir(), 'tack-blobs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Where a content may be named, each as it is really written there. */
const PLACES = [
  'event',
  'session_view',
  'approval_view',
  'session_record',
  'idempotency',
  'lasting_grant',
  'resume_state',
  'transcript',
  'content',
  'file',
  'engine',
  'nowhere',
] as const;
type Place = (typeof PLACES)[number];
const INSERTS: Readonly<Record<Exclude<Place, 'content' | 'file' | 'engine' | 'nowhere'>, string>> = {
  event: `insert into event values ('ses_' || :n, :n, 'x', null, :text, 'h')`,
  session_view: `insert into session_view values (:n, null, 'idle', 'x', '{}', :text)`,
  approval_view: `insert into approval_view values (:n, 's', 'pending', 'x', :text)`,
  session_record: `insert into session_record values (:n, :text)`,
  idempotency: `insert into idempotency values (:n, 'd', 200, :text, 'x')`,
  lasting_grant: `insert into lasting_grant values (:n, 'p', :text, 'x', null)`,
  resume_state: `insert into resume_state values (:n, :text)`,
  transcript: `insert into transcript values (:n, 0, 1, cast(:text as blob))`,
};

describe('contents', () => {
  it('go when nothing names them, and stay when anything does', { timeout: 60_000 }, async () => {
    const content = fc.record({ place: fc.constantFrom(...PLACES), is_large: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 20 }), async (contents) => {
        const data_folder = mkdtempSync(join(folder, 'room-'));
        await (await openStore({ data_folder })).close();
        mkdirSync(join(data_folder, 'engine'));
        mkdirSync(join(data_folder, 'blobs'), { recursive: true });
        const store = new DatabaseSync(join(data_folder, 'store.db'));
        const engine = new DatabaseSync(join(data_folder, 'engine', 'temporal.db'));
        engine.exec('create table history_node (data blob)');
        const put = (bytes: Buffer, is_large: boolean): string => {
          const digest = digestOf(bytes);
          if (!is_large) store.prepare('insert into blob values (?, ?)').run(digest, bytes);
          else {
            mkdirSync(join(data_folder, 'blobs', digest.slice(0, 2)), { recursive: true });
            writeFileSync(join(data_folder, 'blobs', digest.slice(0, 2), digest), bytes);
          }
          return digest;
        };
        const kept: string[] = [];
        contents.forEach(({ place, is_large }, n) => {
          const digest = put(Buffer.from(`${data_folder} ${n}`), is_large);
          if (place !== 'nowhere') kept.push(digest);
          const text = `{"content":{"$blob":"${digest}","bytes":7}}`;
          if (place === 'engine')
            engine
              .prepare('insert into history_node values (?)')
              .run(Buffer.from(`\x08\x01${'.'.repeat(5_000)}${text}`));
          else if (place === 'content' || place === 'file') {
            const other = put(Buffer.from(text), place === 'file'); // and that one is named by a log
            kept.push(other);
            store.prepare(INSERTS.event).run({ n: String(1000 + n), text: `{"$blob":"${other}"}` });
          } else if (place !== 'nowhere') store.prepare(INSERTS[place]).run({ n: String(n), text });
        });
        const left = () =>
          [
            ...store
              .prepare('select digest from blob')
              .all()
              .map(({ digest }) => String(digest)),
            ...readdirSync(join(data_folder, 'blobs'), { recursive: true })
              .map(String)
              .flatMap((name) => name.split('/')[1] ?? []),
          ].toSorted();
        const all = left();

        const running = blobs({ data_folder, is_running: true });
        expect(running?.remove ?? null).toBeNull(); // not while somebody may write
        await blobs({ data_folder, is_running: false })?.remove?.();
        const after = left();
        store.close();
        engine.close();
        expect(after).toEqual([...new Set(kept)].toSorted());
        expect(all.length - after.length).toBe(contents.filter(({ place }) => place === 'nowhere').length);
        rmSync(data_folder, { recursive: true });
      }),
      { numRuns: 25 },
    );
  });
});
