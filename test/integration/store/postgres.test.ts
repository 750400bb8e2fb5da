import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { DatabaseUrl } from '../../../src/domain/database-url.ts';
import { openStore } from '../../../src/store/index.ts';
import { NEEDS_POSTGRES, POSTGRES_BIN, startPostgres, type Postgres } from '../../support/postgres.ts';
import { storeContract, type Subject } from './contract.ts';

describe.skipIf(!POSTGRES_BIN)(`on a server${NEEDS_POSTGRES}`, () => {
  let server: Postgres;
  let schemas = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.close());

  storeContract('Postgres', async (): Promise<Subject> => {
    const folder = mkdtempSync(join(tmpdir(), 'tack-store-'));
    const schema = `room_${++schemas}`;
    const database_url = DatabaseUrl.parse(`${server.url}?schema=${schema}`);
    return {
      blobs_dir: join(folder, 'blobs'),
      connect: ({ clock }) => openStore({ data_folder: folder, database_url }, { clock }),
      bytes: (hex) => `'\\x${hex}'::bytea`,
      tamper: async (sql) => void (await server.query(`set search_path = ${schema}; ${sql}`)),
      async remove() {
        await server.query(`drop schema ${schema} cascade`);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  });
});
