/** What a store says when disk, rights, other processes or its own file fail it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ERROR_KINDS, type ErrorCode } from '../../../src/domain/errors.ts';
import { openStore, type Store } from '../../../src/store/index.ts';
import { message, SESSION, sha256 } from './contract/an-event.ts';

const ATTEMPTS = fileURLToPath(new URL('attempts.ts', import.meta.url));

let folder: string;
const stores: Store[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tack-fail-'));
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(lock_wait_ms = 300): Promise<Store> {
  const store = await openStore({ data_folder: folder }, { lock_wait_ms });
  stores.push(store);
  return store;
}

interface Attempt {
  readonly step: string;
  readonly result?: unknown;
  readonly refused?: string;
  readonly message?: string;
}

/** Runs the steps in a process of its own; `bwrap` puts it into a world where something fails. */
async function attempt(
  steps: string,
  world: { readonly bwrap?: readonly string[]; readonly seccomp?: Uint8Array } = {},
): Promise<{ readonly attempts: readonly Attempt[]; readonly stderr: string }> {
  const { bwrap, seccomp } = world;
  const filter = join(folder, 'filter');
  if (seccomp) writeFileSync(filter, seccomp);
  const fd = seccomp ? openSync(filter, 'r') : 'ignore';
  const root = ['bwrap', '--bind', '/', '/', '--dev-bind', '/dev', '/dev', '--proc', '/proc', '--die-with-parent'];
  const inside = bwrap || seccomp ? [...root, ...(bwrap ?? []), ...(seccomp ? ['--seccomp', '3'] : [])] : [];
  const [command = '', ...args] = [...inside, process.execPath, ATTEMPTS, folder, ...steps.split(' ')];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe', fd] });
  const [out, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')]);
  if (typeof fd === 'number') closeSync(fd);
  const attempts = out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Attempt);
  return { attempts, stderr };
}

const refusal = (code: ErrorCode, words: RegExp) => ({
  refused: code,
  message: expect.stringMatching(words) as unknown,
});

describe('the store', () => {
  it('says that the disk is full, keeps what it acknowledged, and goes on when there is room', async () => {
    const world = { bwrap: ['--size', '6000000', '--tmpfs', folder] };
    const { attempts } = await attempt('open append:1 blob:100000 verify', world); // control
    expect(attempts.map(({ refused }) => refused)).toEqual([undefined, undefined, undefined, undefined]);
    const { attempts: full } = await attempt(
      'open append:1 fill appendOn:2 blob:100000 read verify unfill append:next blob:100000 verify',
      world,
    );
    expect(full).toMatchObject([
      { step: 'open' },
      { step: 'append', result: 1 },
      { step: 'fill' },
      { step: 'appendOn', ...refusal('store_unavailable', /^The disk is full: store\.db .*Free some space/) },
      { step: 'blob', ...refusal('store_unavailable', /ENOSPC: the disk is full/) },
      { step: 'read', result: expect.any(Number) as unknown },
      { step: 'verify', result: null },
      { step: 'unfill' },
      { step: 'append', result: expect.any(Number) as unknown },
      { step: 'blob', result: 100_000 },
      { step: 'verify', result: null },
    ]);
    expect(full[8]!.result).toBe(Number(full[5]!.result) + 1);
  });

  it('says that the disk is full when it cannot even begin', async () => {
    const { attempts } = await attempt('fill open unfill open append:1', {
      bwrap: ['--size', '1000000', '--tmpfs', folder],
    });
    expect(attempts).toMatchObject([
      { step: 'fill' },
      { step: 'open', ...refusal('store_unavailable', /disk is full|free space/i) },
      { step: 'unfill' },
      { step: 'open', result: null },
      { step: 'append', result: 1 },
    ]);
  });

  it('says that the folder is read-only, new or not', async () => {
    const world = { bwrap: ['--ro-bind', folder, folder] };
    expect((await attempt('open', world)).attempts).toMatchObject([
      { step: 'open', ...refusal('store_unavailable', /store\.db cannot be created \(EROFS\)/) },
    ]);
    await (await open()).log.append(SESSION, null, '1', [message('one')]);
    await stores.pop()!.close();
    expect((await attempt('open', world)).attempts).toMatchObject([
      { step: 'open', ...refusal('store_unavailable', /store\.db cannot be opened for writing .*read-only/) },
    ]);
    expect((await attempt('open append:2', { bwrap: [] })).attempts).toMatchObject([{ result: null }, { result: 2 }]); // control
  });

  it('acknowledges nothing that the disk did not confirm', async () => {
    const store = await open(); // stays open: the log ahead of the database is in use, and only a commit has to be confirmed
    await store.log.append(SESSION, null, '1', [message('one')]);
    const steps = 'open append:2 blob:100000 append:2';
    expect((await attempt(steps, { seccomp: FAILING_SYNC })).attempts).toMatchObject([
      { step: 'open', result: null },
      { step: 'append', ...refusal('store_unavailable', /^The disk failed while store\.db was used/) },
      { step: 'blob', ...refusal('store_unavailable', /EIO/) },
      { step: 'append', ...refusal('store_unavailable', /^The disk failed while store\.db was used/) },
    ]);
    expect(await store.log.head(SESSION)).toMatchObject({ seq: 1 });
    expect((await attempt(steps, { bwrap: [] })).attempts).toMatchObject([
      { result: null },
      { result: 2 },
      { result: 100_000 },
      { result: 2 },
    ]); // control
  });

  it('waits for another process, and says that it was kept waiting for too long', async () => {
    const store = await open();
    const raw = new DatabaseSync(join(folder, 'store.db'));
    raw.exec('begin immediate');
    await expect(store.log.append(SESSION, null, '1', [message('one')])).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/^Another process has kept store\.db locked/) as unknown,
    });
    expect(await store.log.head(SESSION)).toMatchObject({ seq: 0 }); // reading goes on
    const patient = (await open(30_000)).log.append(SESSION, null, '1', [message('one')]);
    raw.exec('rollback');
    expect(await patient).toMatchObject({ head_seq: 1 });
    raw.close();
  });

  it('leaves the loop free while it waits for another process', async () => {
    const store = await open(2_000);
    const raw = new DatabaseSync(join(folder, 'store.db'));
    raw.exec('begin immediate');
    let turns = 0;
    const beat = setInterval(() => {
      if ((turns += 1) === 20) raw.exec('rollback'); // it could not be reached if the loop stood still
    }, 1);
    await store.log.append(SESSION, null, '1', [message('one')]);
    clearInterval(beat);
    raw.close();
    expect(turns).toBeGreaterThanOrEqual(20);
  });

  it.each([
    ['holds something else', (file: string) => writeFileSync(file, 'Dear diary, '.repeat(1_000))],
    ['was cut', (file: string) => truncateSync(file, 5_000)],
    ['was written over', overwrite],
  ])('says that its file is damaged when it %s', async (_how, damage) => {
    const store = await open();
    for (let n = 0; n < 50; n++) await store.log.append(SESSION, null, `${n}`, [message(`${n}`)]);
    await stores.pop()!.close();
    damage(join(folder, 'store.db'));
    const use = async () => {
      await (await open()).log.read(SESSION, { after: 0, limit: 100 });
    };
    await expect(use()).rejects.toMatchObject({
      code: 'store_corrupt',
      message: expect.stringMatching(/^store\.db is damaged/) as unknown,
    });
  });

  it('refuses a file of a newer version and changes nothing', async () => {
    await (await open()).log.append(SESSION, null, '1', [message('one')]);
    await stores.pop()!.close();
    const file = join(folder, 'store.db');
    const raw = new DatabaseSync(file);
    raw.exec(`insert into migration values (99, 'later', 'x', '2030-01-01T00:00:00.000Z')`);
    raw.close();
    const before = sha256(readFileSync(file));
    await expect(open()).rejects.toThrow(/The store is at version 99; this program knows \d+\./);
    expect((await attempt('open')).attempts).toMatchObject([{ step: 'open', refused: 'store_version' }]);
    expect(sha256(readFileSync(file))).toBe(before);
  });

  it('refuses a file whose tables were made by another text of a migration', async () => {
    await (await open()).close();
    const raw = new DatabaseSync(join(folder, 'store.db'));
    raw.exec(`update migration set digest = 'x' where version = 1`);
    raw.close();
    expect((await attempt('open')).attempts).toMatchObject([
      { step: 'open', ...refusal('store_version', /made by another build/) },
    ]);
  });

  it('is opened by many starters at the same moment, and made by one', async () => {
    const started = await Promise.all(Array.from({ length: 6 }, (_, n) => attempt(`open append:${n}`)));
    expect(started.map(({ attempts }) => attempts.map(({ refused }) => refused))).toEqual(
      Array.from({ length: 6 }, () => [undefined, undefined]),
    );
    expect(await (await open()).log.head(SESSION)).toMatchObject({ seq: 6 });
    const raw = new DatabaseSync(join(folder, 'store.db'));
    expect(raw.prepare('select version from migration').all()).toEqual([{ version: 1 }]);
    raw.close();
  });

  it('says nothing on stderr', async () => {
    expect((await attempt('open append:1')).stderr).toBe('');
  });

  it('closes its file to everybody else', async () => {
    const store = await open();
    await store.log.append(SESSION, null, '1', [message('one')]);
    for (const name of ['store.db', 'store.db-wal', 'store.db-shm'])
      expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
  });

  it('says that it was closed', async () => {
    const store = await open();
    await store.log.append(SESSION, null, '1', [message('one')]);
    await store.close();
    await expect(store.log.append(SESSION, null, '2', [message('two')])).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    await expect(store.log.head(SESSION)).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('has a way out for each of these', () => {
    for (const code of ['store_unavailable', 'store_corrupt', 'store_version'] as const)
      expect(ERROR_KINDS[code].way_out).toMatch(/\S+/);
  });
});

function overwrite(file: string): void {
  const fd = openSync(file, 'r+');
  const noise = Buffer.alloc(4_096, 0xa5);
  for (let at = 4_096; at < statSync(file).size; at += 4_096) writeSync(fd, noise, 0, noise.length, at); // all but the first page
  closeSync(fd);
}

/** A seccomp filter under which fsync and fdatasync fail with EIO, as on a dying disk. */
const FAILING_SYNC = ((): Uint8Array => {
  const [fsync, fdatasync] = arch() === 'arm64' ? [82, 83] : [74, 75];
  const program = [
    [0x20, 0, 0, 0], // number of the call
    [0x15, 2, 0, fsync],
    [0x15, 1, 0, fdatasync],
    [0x06, 0, 0, 0x7fff_0000], // allow
    [0x06, 0, 0, 0x0005_0005], // EIO
  ] as const;
  const bytes = Buffer.alloc(program.length * 8);
  for (const [n, [code, jt, jf, k]] of program.entries()) {
    bytes.writeUInt16LE(code, n * 8);
    bytes.writeUInt8(jt, n * 8 + 2);
    bytes.writeUInt8(jf, n * 8 + 3);
    bytes.writeUInt32LE(k!, n * 8 + 4);
  }
  return bytes;
})();
