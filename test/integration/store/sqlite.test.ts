import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openStore } from '../../../src/store/index.ts';
import { SESSION } from './contract/an-event.ts';
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
