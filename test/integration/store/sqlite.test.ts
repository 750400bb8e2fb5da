import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openStore } from '../../../src/store/index.ts';
import { MIGRATIONS } from '../../../src/store/sqlite/migrations/index.ts';
import { message, SESSION } from './contract/an-event.ts';
import { storeContract, type Subject } from './contract.ts';

storeContract('SQLite', async (): Promise<Subject> => {
  const folder = mkdtempSync(join(tmpdir(), 'tack-store-'));
  const file = join(folder, 'store.db');
  return {
    blobs_dir: join(folder, 'blobs'),
    connect: ({ clock }) => openStore({ data_folder: folder }, { clock }),
    bytes: (hex) => `x'${hex}'`,
    async tamper(sql) {
      const raw = new DatabaseSync(file);
      raw.exec(`pragma busy_timeout = 5000; ${sql}`);
      raw.close();
    },
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

it('wakes who watches when a process that it knows nothing of appends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tack-store-'));
  const store = await openStore({ data_folder: folder });
  const stop = new AbortController();
  const seen = new Promise<number>((resolve, reject) => {
    const look = () => store.log.head(SESSION).then(({ seq }) => seq > 0 && resolve(seq), reject);
    store.log.watch(SESSION, () => void look(), stop.signal);
  });
  const program = fileURLToPath(new URL('attempts.ts', import.meta.url));
  const child = spawn(process.execPath, [program, folder, 'open', 'append:1'], { stdio: 'ignore' });
  const ended = once(child, 'close');
  expect(await seen).toBe(1);
  await ended;
  stop.abort();
  await store.close();
  rmSync(folder, { recursive: true });
});

it('brings the oldest store to this version, with every log whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tack-store-'));
  const raw = new DatabaseSync(join(folder, 'store.db'));
  raw.exec(readFileSync(new URL('../../golden/store/sqlite-1.sql', import.meta.url), 'utf8'));
  const store = await openStore({ data_folder: folder });
  expect(await store.log.verify(SESSION)).toBeNull();
  const events = await store.log.read(SESSION, { after: 0, limit: 10 });
  expect(events.map(({ data }) => data['text'])).toEqual(['number 1', 'number 2', 'number 3']);
  expect(await store.log.append(SESSION, null, 'key 3', [message('number 3')])).toMatchObject({ head_seq: 3 }); // its keys are known
  expect(await store.log.append(SESSION, null, 'key 4', [message('number 4')])).toMatchObject({ head_seq: 4 });
  const versions = raw.prepare('select version from migration order by version').all();
  expect(versions.map(({ version }) => version)).toEqual(MIGRATIONS.map(({ version }) => version));
  raw.close();
  await store.close();
  rmSync(folder, { recursive: true });
});
