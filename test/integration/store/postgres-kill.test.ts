/** Three processes write one log on Postgres, the server is killed with -9 under them, and one of them is overtaken: the log stays whole. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseUrl } from '../../../src/domain/database-url.ts';
import { openStore, type Store } from '../../../src/store/index.ts';
import { NEEDS_POSTGRES, POSTGRES_BIN, startPostgres, type Postgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { aLease, message, SESSION } from './contract/an-event.ts';
import { aWriter, checkLog, live, type Heard, type Life } from './writers.ts';

describe.skipIf(!POSTGRES_BIN)(`writers on Postgres${NEEDS_POSTGRES}`, () => {
  let server: Postgres;
  let folder: string;
  let url: string;
  let round = 0;
  const lives: Life[] = [];
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tack-pg-kill-'));
    url = `${server.url}?schema=kill_${++round}`;
  });
  afterEach(async () => {
    for (const { child, over } of lives.splice(0)) {
      child.kill('SIGKILL');
      await over;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (): Promise<Store> => openStore({ data_folder: folder, database_url: DatabaseUrl.parse(url) });
  const start = (heard: Heard, epoch?: number): Life => {
    const life = live(heard, folder, { url, ...(epoch !== undefined && { epoch }) });
    lives.push(life);
    return life;
  };
  const progress = (all: readonly Heard[], more: number) => {
    const marks = all.map(({ acknowledged }) => acknowledged.size + more);
    return until(
      'every writer to go on',
      () => all.every(({ acknowledged }, n) => acknowledged.size >= marks[n]!),
      60_000,
    );
  };
  async function stopAll(): Promise<void> {
    for (const { child, over } of lives.splice(0)) {
      child.kill('SIGKILL');
      expect((await over).signal).toBe('SIGKILL'); // and none had ended by itself
    }
  }

  it('keeps the log whole when the server is killed and starts again: what was under way is tried again, and nothing is there twice', async () => {
    const writers = ['a', 'b', 'c'].map(aWriter);
    for (const heard of writers) start(heard);
    await progress(writers, 5);
    for (let kill = 0; kill < 3; kill++) {
      await server.kill();
      await server.start();
      await progress(writers, 5);
    }
    await stopAll();
    const store = await open();
    await checkLog(store, writers);
    await store.close();
  }, 120_000);

  it('keeps the log whole when the writers are killed, too', async () => {
    const writers = ['a', 'b', 'c'].map(aWriter);
    for (let kill = 0; kill < 3; kill++) {
      for (const heard of writers) start(heard);
      await progress(writers, 3);
      await stopAll();
      const store = await open();
      await checkLog(store, writers);
      await store.close();
    }
  }, 120_000);

  it('refuses the writer that was overtaken from the moment on, while others write the same log', async () => {
    const store = await open();
    const { epoch } = await store.leases.take(aLease());
    const [own, ...others] = ['own', 'b', 'c'].map(aWriter) as [Heard, ...Heard[]];
    const overtaken = start(own, epoch);
    for (const heard of others) start(heard);
    await progress([own, ...others], 10);
    const newer = await store.leases.take(aLease({ holder: '18.1' }));
    const { first_seq } = await store.log.append(SESSION, newer.epoch, 'mine', [
      message('mine', { data: { text: 'x', writer: 'newer', n: 0 } }),
    ]);
    expect(await overtaken.over).toEqual({ code: 3, signal: null });
    lives.splice(lives.indexOf(overtaken), 1);
    expect(own.refused).toEqual(['store_stale_epoch']);
    await progress(others, 5);
    await stopAll();
    const late = await store.log.read(SESSION, { after: first_seq, limit: 1_000_000 });
    expect(late.length).toBeGreaterThan(0);
    expect(late.filter(({ data }) => data['writer'] === 'own')).toEqual([]);
    await checkLog(store, [own, ...others]);
    await store.close();
  }, 120_000);

  it('control: a batch that is written twice is seen', async () => {
    const heard = aWriter('a');
    start(heard);
    await progress([heard], 2);
    await stopAll();
    const store = await open();
    await checkLog(store, [heard]);
    await server.query(`delete from kill_${round}.append_key`); // what was answered is forgotten
    await expect(checkLog(store, [heard])).rejects.toThrow(); // its own last look appends once more
    await expect(checkLog(store, [heard])).rejects.toThrow();
    await store.close();
  }, 60_000);

  it('appends once when the answer to its commit is lost', async () => {
    const proxy = await losesACommit(Number(new URL(server.url).port));
    const through = new URL(url);
    through.port = `${proxy.port}`;
    const store = await openStore({ data_folder: folder, database_url: DatabaseUrl.parse(through.href) });
    await store.leases.take(aLease());
    proxy.lose();
    expect(await store.log.append(SESSION, 1, 'a', [message('one')])).toMatchObject({ first_seq: 1, head_seq: 1 });
    expect(proxy.lost()).toBe(1);
    expect(await server.query(`select count(*)::int as n from kill_${round}.event`)).toEqual([{ n: 1 }]);
    proxy.lose();
    expect((await store.leases.take(aLease())).epoch).toBe(3); // control: this work was kept, and run once more
    expect(proxy.lost()).toBe(2);
    await store.close();
    await proxy.close();
  }, 60_000);

  it('says that the server does not answer, waits no longer than it should, and goes on when it is back', async () => {
    const store = await openStore({ data_folder: folder, database_url: DatabaseUrl.parse(url) }, { lock_wait_ms: 300 });
    await store.log.append(SESSION, null, 'a', [message('one')]);
    await server.kill();
    const write = store.log.append(SESSION, null, 'b', [message('two')]);
    await expect(write).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/does not answer/) as unknown,
    });
    await expect(store.log.head(SESSION)).rejects.toMatchObject({ code: 'store_unavailable' });
    const error = await openStore(
      { data_folder: folder, database_url: DatabaseUrl.parse(url) },
      { lock_wait_ms: 300 },
    ).catch((failed: unknown) => failed);
    expect(error).toMatchObject({ code: 'store_unavailable' });
    expect(`${String(error)}${JSON.stringify(error)}`).not.toContain(server.password);
    await server.start();
    expect(await store.log.append(SESSION, null, 'b', [message('two')])).toMatchObject({ head_seq: 2 });
    expect(await store.log.verify(SESSION)).toBeNull();
    await store.close();
  });
});

/** A way to the server that, once asked to, takes the next commit there and cuts the connection instead of bringing its answer. */
async function losesACommit(port: number) {
  let is_asked = false;
  let lost = 0;
  const proxy = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let is_losing = false;
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.on('data', (bytes) => {
      if (is_asked && bytes.includes('commit')) [is_asked, is_losing] = [false, true];
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!is_losing) return client.write(bytes);
      lost += 1;
      client.destroy();
      return upstream.destroy();
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (proxy.address() as { port: number }).port,
    lose: () => (is_asked = true),
    lost: () => lost,
    close: () => new Promise<void>((resolve) => proxy.close(() => resolve())),
  };
}
