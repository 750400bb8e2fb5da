/** No statement of the store reads a whole table that grows: SQLite itself says how it goes about each. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it, vi } from 'vitest';
import { openStore, type Store } from '../../../src/store/index.ts';
import { PHASES } from '../../unit/domain/session/a-session.ts';
import { aLease, LARGE, message, SESSION } from './contract/an-event.ts';

const folder = mkdtempSync(join(tmpdir(), 'tack-plans-'));
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** As large as there are hosts, turns under way and allows for good that people gave by hand: these may be read whole. */
const SMALL = ['host', 'slot', 'lasting_grant', 'lease USING INDEX lease_held', 'migration', 'sqlite_master'];
const SCAN = /^SCAN (?!CONSTANT ROW|\d+-ROW VALUES)/;

it('finds everything by an index', async () => {
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare');
  const file = join(folder, 'store.db');
  const store = await openStore({ data_folder: folder });
  await useAll(store);
  const statements = [...new Set(prepare.mock.calls.map(([sql]) => sql))];
  await store.close();
  vi.restoreAllMocks();

  const raw = new DatabaseSync(file);
  const plans = statements.flatMap((sql) => {
    const plan = raw.prepare(`explain query plan ${sql}`).all() as { detail: string }[];
    return plan.map(({ detail }) => ({ detail, sql }));
  });
  const scans = plans.filter(
    ({ detail }) => SCAN.test(detail) && !SMALL.some((table) => detail.startsWith(`SCAN ${table}`)),
  );
  raw.close();

  expect(statements.length).toBeGreaterThan(40); // else nothing was looked at
  expect(plans.filter(({ detail }) => detail.startsWith('SEARCH ')).length).toBeGreaterThan(30);
  const ordered = scans.filter(({ detail, sql }) => / USING INDEX \w+_by_time$/.test(detail) && / limit \?/.test(sql)); // reads a page of a list
  expect(scans.filter((scan) => !ordered.includes(scan))).toEqual([]);
});

it('control: a search without an index is seen', () => {
  const raw = new DatabaseSync(':memory:');
  raw.exec('create table event (log_id text, seq integer)');
  const plan = raw.prepare('explain query plan select * from event where log_id = ?').all();
  expect(plan).toMatchObject([{ detail: expect.stringMatching(SCAN) as unknown }]);
  raw.close();
});

async function useAll({ log, blobs, leases, hosts, records, archive, projections }: Store) {
  const { epoch } = await leases.take(aLease());
  await log.append(SESSION, epoch, 'a', [...PHASES.expired().log, message('x'.repeat(LARGE))]);
  await log.append(SESSION, null, 'b', [message('one'), message('two')]);
  await log.read(SESSION, { after: 0, limit: 100 });
  await log.read(SESSION, { after: 3, limit: 10, types: ['agent.message', 'turn.started'] });
  await log.head(SESSION);
  await log.verify(SESSION);
  const stop = new AbortController();
  await new Promise<void>((resolve) => log.watch(SESSION, resolve, stop.signal));
  stop.abort();
  await blobs.get(await blobs.put('small'));
  await leases.held();
  await leases.held({ host: 'host-1' });
  await hosts.announce({ host: 'host-1', queue: 'q', slots: 2 });
  await hosts.drain('host-2');
  await hosts.list();
  await hosts.reserve({ session_id: SESSION, exclude: [] });
  await hosts.free(SESSION);
  const record = { session_id: SESSION, title: 'a' } as Parameters<typeof records.createSession>[0];
  await records.createSession(record);
  await records.createSession(record);
  await records.session(SESSION);
  await records.claim('key', 'digest', '2026-01-01T00:00:00.000Z');
  await records.remember('key', 'digest', { status: 200, body: null });
  await records.release('key', 'digest');
  await records.writeGrant('prj_1', { grant_id: 'grt_1' });
  await records.grants('prj_1');
  await records.revokeGrant('grt_1');
  await records.isGrantRevoked('grt_1');
  await records.allGrants();
  await archive.appendTranscript(SESSION, epoch, 0, Buffer.from('one\n'));
  await archive.appendTranscript(SESSION, epoch, 0, Buffer.from('one\n'));
  await archive.transcript(SESSION);
  await archive.saveResume(SESSION, epoch, {});
  await archive.resume(SESSION);
  await projections.session(SESSION);
  await projections.approval('apr_1');
  await projections.grants(null);
  await projections.grants(SESSION);
  for (const after of [undefined, SESSION])
    for (const filter of [{}, { status: 'idle' }, { project_id: 'prj_1' }, { status: 'idle', project_id: 'prj_1' }])
      await projections.sessions({ limit: 5, ...filter, ...(after && { after }) });
  for (const after of [undefined, 'apr_1'])
    for (const filter of [
      {},
      { status: 'pending' },
      { session_id: SESSION },
      { status: 'pending', session_id: SESSION },
    ])
      await projections.approvals({ limit: 5, ...filter, ...(after && { after }) });
  await leases.release(SESSION, epoch);
}
