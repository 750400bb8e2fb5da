import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStore } from '../../../src/store/index.ts';
import { sha256 } from './contract/an-event.ts';
import { storeContract, type Subject } from './contract.ts';

storeContract('SQLite', async (): Promise<Subject> => {
  const folder = mkdtempSync(join(tmpdir(), 'tack-store-'));
  const file = join(folder, 'store.db');
  const blobs_dir = join(folder, 'blobs');
  return {
    blobs_dir,
    connect: ({ clock }) => openStore({ file, blobs_dir, clock, random: randomBytes, sha256 }),
    async tamper(sql) {
      const raw = new DatabaseSync(file);
      raw.exec(`pragma busy_timeout = 5000; ${sql}`);
      raw.close();
    },
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
});
