/** The first start on Postgres, the next version, and what a wrong address, another store or a newer program come to. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseUrl } from '../../../src/domain/database-url.ts';
import { openAudit, openStore } from '../../../src/store/index.ts';
import { migrate } from '../../../src/store/postgres/migrate.ts';
import { MIGRATIONS } from '../../../src/store/postgres/migrations/index.ts';
import { NEEDS_POSTGRES, POSTGRES_BIN, startPostgres, type Postgres } from '../../support/postgres.ts';
import { message, SESSION, sha256 } from './contract/an-event.ts';

const FIRST = new URL('../../golden/store/postgres-1.sql', import.meta.url);

describe.skipIf(!POSTGRES_BIN)(`a start on Postgres${NEEDS_POSTGRES}`, () => {
  let server: Postgres;
  let folder: string;
  let schema: string;
  let starts = 0;
  const pools: pg.Pool[] = [];
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tack-pg-start-'));
    schema = `start_${++starts}`;
  });
  afterEach(async () => {
    for (const pool of pools.splice(0)) await pool.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const urlOf = (url: string) => DatabaseUrl.parse(url);
  const here = () => ({ data_folder: folder, database_url: urlOf(`${server.url}?schema=${schema}`) });

  it('brings the oldest store to this version, with every log whole', async () => {
    await server.query(
      readFileSync(FIRST, 'utf8')
        .replaceAll('tackroom.', `${schema}.`)
        .replaceAll('SCHEMA tackroom', `SCHEMA ${schema}`),
    );
    const store = await openStore(here());
    expect(await store.log.verify(SESSION)).toBeNull();
    const events = await store.log.read(SESSION, { after: 0, limit: 10 });
    expect(events.map(({ data }) => data['text'])).toEqual(['number 1', 'number 2', 'number 3']);
    expect(await store.log.append(SESSION, null, 'key 3', [message('number 3')])).toMatchObject({
      first_seq: 3,
      head_seq: 3,
    }); // its keys are known
    expect(await store.log.append(SESSION, null, 'key 4', [message('number 4')])).toMatchObject({ head_seq: 4 });
    const versions = await server.query(`select version from ${schema}.migration order by version`);
    expect(versions.map(({ version }) => Number(version))).toEqual(MIGRATIONS.map(({ version }) => version));
    await store.close();
  });

  it('runs each step once, whoever starts at the same moment, and keeps none of those that fail', async () => {
    const pool = new pg.Pool({ connectionString: server.url, max: 6 });
    pools.push(pool);
    const next = { version: 2, name: 'next', sql: 'create table next (n bigint); insert into next values (1)' };
    const broken = { version: 3, name: 'broken', sql: 'create table third (n bigint); select nonsense' };
    const parts = { schema, sha256, clock: Date.now };
    const start = (migrations: Parameters<typeof migrate>[1]['migrations']) => migrate(pool, { ...parts, migrations });
    const ids = await Promise.all(Array.from({ length: 6 }, () => start([...MIGRATIONS, next])));
    expect(new Set(ids).size).toBe(1);
    expect(await server.query(`select count(*)::int as n from ${schema}.next`)).toEqual([{ n: 1 }]);
    await expect(start([...MIGRATIONS, next, broken])).rejects.toThrow(/nonsense/);
    expect(await server.query(`select to_regclass('${schema}.third') as third`)).toEqual([{ third: null }]);
    expect(await start([...MIGRATIONS, next])).toBe(ids[0]);
  });

  it('refuses a store of a newer program, or of another build, and changes nothing', async () => {
    await (await openStore(here())).close();
    const dump = () => server.query(`select * from ${schema}.migration order by version`);
    await server.query(`insert into ${schema}.migration values (99, 'later', 'x', 'y')`);
    const before = await dump();
    const newer = {
      code: 'store_version',
      message: expect.stringMatching(/version 99; this program knows \d+/) as unknown,
    };
    await expect(openStore(here())).rejects.toMatchObject(newer);
    await expect(openAudit(here())).rejects.toMatchObject(newer);
    expect(await dump()).toEqual(before);
    await server.query(
      `delete from ${schema}.migration where version = 99; update ${schema}.migration set digest = 'other'`,
    );
    await expect(openStore(here())).rejects.toMatchObject({ code: 'store_version' });
  });

  it('keeps a data folder to the store that it began with', async () => {
    await (await openStore(here())).close();
    const mark = join(folder, 'store.json');
    expect(statSync(mark).mode & 0o777).toBe(0o600);
    expect(readFileSync(mark, 'utf8')).not.toContain(server.password);
    await expect(openStore({ data_folder: folder })).rejects.toMatchObject({ code: 'store_elsewhere' });
    await expect(openAudit({ data_folder: folder })).rejects.toMatchObject({ code: 'store_elsewhere' });
    expect(existsSync(join(folder, 'store.db'))).toBe(false);
    const elsewhere = urlOf(`${server.url}?schema=${schema}_other`);
    await expect(openStore({ data_folder: folder, database_url: elsewhere })).rejects.toMatchObject({
      code: 'store_elsewhere',
    });
    await (await openStore(here())).close(); // control: its own one is taken
  });

  it('refuses an address for a data folder that has its store in a file', async () => {
    await (await openStore({ data_folder: folder })).close();
    await expect(openStore(here())).rejects.toMatchObject({
      code: 'store_elsewhere',
      message: expect.stringContaining('store.db') as unknown,
    });
    await (await openStore({ data_folder: folder })).close();
  });

  it.each([
    ['a wrong password', (url: URL) => (url.password = 'S3cret-wrong'), /refuses this user or password/],
    ['a database that is not there', (url: URL) => (url.pathname = '/nowhere'), /no such database/],
    ['a port where nobody listens', (url: URL) => (url.port = '1'), /does not answer \(ECONNREFUSED\)/],
    [
      'a name that is none',
      (url: URL) => (url.hostname = 'postgres.invalid'),
      /cannot be found by its name|does not answer/,
    ],
  ])('says what is wrong with %s, and never the password', async (_what, spoil, words) => {
    const url = new URL(server.url);
    spoil(url);
    const error = await openStore({ data_folder: folder, database_url: urlOf(url.href) }, { lock_wait_ms: 200 }).catch(
      (failed: unknown) => failed,
    );
    expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringMatching(words) as unknown });
    const all = `${(error as Error).stack}${JSON.stringify(error, Object.getOwnPropertyNames(error))}`;
    expect(all).not.toContain(url.password);
    expect(existsSync(join(folder, 'store.json'))).toBe(false);
  });

  it('asks for a commit that survives a power cut where the server is set to answer before', async () => {
    await server.query('alter database postgres set synchronous_commit = off');
    await server.query(`create table public.said (mode text)`);
    const store = await openStore(here());
    await server.query(
      `create function public.say() returns trigger language plpgsql as $$ begin insert into public.said values (current_setting('synchronous_commit')); return new; end $$;
       create trigger say after insert on ${schema}.event for each row execute function public.say()`,
    );
    await store.log.append(SESSION, null, 'a', [message('one')]);
    expect(await server.query('select mode from public.said')).toEqual([{ mode: 'on' }]);
    expect(await server.query(`select current_setting('synchronous_commit') as mode`)).toEqual([{ mode: 'off' }]); // control: who does not ask gets less
    await store.close();
    await server.query(
      'alter database postgres reset synchronous_commit; drop schema if exists public cascade; create schema public',
    );
  });
});
