import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aPlace, aRequest, type Place, processesWith } from './place.ts';

describe.each(['bubblewrap', 'none'] as const)('a sandbox of kind %s', (kind) => {
  let place: Place;
  beforeEach(() => {
    place = aPlace(kind);
  });
  afterEach(() => {
    place.remove();
  });

  it('runs a command in the worktree and gives its output and exit code', async () => {
    writeFileSync(join(place.folders.work, 'file.txt'), 'hello');
    const ran = await place.run('cat file.txt; echo oops >&2; exit 7');
    expect(ran).toEqual({ out: 'hello', err: 'oops\n', code: 7 });
  });

  it('writes to work, home and out, and the files belong to the uid that it names', async () => {
    const ran = await place.run('touch a ~/b ../out/c; stat -c %u .', {
      cwd: kind === 'none' ? place.folders.work : '/home/agent/work',
    });
    expect(ran.code).toBe(0);
    expect(Object.keys(place.sandbox.paths({ folders: place.folders }))).toContain('work');
  });

  it('carries many megabytes in both directions without a change', async () => {
    const bytes = Buffer.alloc(20_000_000, 'x0y1z2');
    const running = await place.sandbox.launch({ ...aRequest(place.folders), argv: ['cat'] });
    running.stdin.end(bytes);
    const back = await buffer(running.stdout);
    const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
    expect(digest(back)).toBe(digest(bytes));
    expect(await running.exited).toEqual({ code: 0, signal: null });
  });

  it('gives the command the environment of its request and nothing of ours', async () => {
    process.env['TACK_TEST_CANARY'] = 'canary-of-the-worker';
    const ran = await place.run('env', { env: { ASKED_FOR: 'yes' } });
    delete process.env['TACK_TEST_CANARY'];
    expect(ran.out).toContain('ASKED_FOR=yes');
    expect(ran.out).not.toContain('canary-of-the-worker');
  });

  it('shows read-only folders at their place inside', async () => {
    const tool = join(place.home, 'tool');
    mkdirSync(tool);
    writeFileSync(join(tool, 'hello.sh'), '#!/bin/sh\necho from the tool $1\n', { mode: 0o755 });
    const running = await place.sandbox.launch({
      ...aRequest(place.folders),
      argv: ['/opt/tool/hello.sh', 'box'],
      read_only: [{ host: tool, inside: '/opt/tool' }],
    });
    expect(await text(running.stdout)).toBe('from the tool box\n');
  });

  it('exits with 127 when there is no such command', async () => {
    const running = await place.sandbox.launch({ ...aRequest(place.folders), argv: ['no-such-command'] });
    const [words, { code }] = await Promise.all([text(running.stderr), running.exited]);
    expect(code).toBe(127);
    expect(words).toContain('no-such-command');
  });

  it('has the Node that runs us at a fixed place, and a Node of the person on the PATH', async () => {
    const running = await place.sandbox.launch({ ...aRequest(place.folders), argv: ['/opt/tackroom/bin/node', '-v'] });
    expect((await text(running.stdout)).trim()).toBe(process.version);
    expect((await place.run('node -v')).out).toMatch(/^v\d+/);
  });

  it("runs the project's own tests with npm", async () => {
    const { work } = place.folders;
    writeFileSync(join(work, 'package.json'), '{ "name": "x", "scripts": { "test": "node --test" } }');
    const test = "require('node:test').test('adds', () => require('node:assert').equal(1 + 1, 2));";
    writeFileSync(join(work, 'adds.test.js'), test);
    const ran = await place.run('npm test');
    expect(ran.out).toMatch(/# pass 1|pass 1/);
    expect(ran.code).toBe(0);
  });

  it('reaches the endpoint of the session by its folder, also after whoever serves it has started again', async () => {
    const dir = join(place.home, 'run/e/1');
    mkdirSync(dir, { recursive: true, mode: 0o755 });
    chownSync(dir, place.sandbox.uid, place.sandbox.uid);
    const serve = async (word: string): Promise<Server> => {
      const path = join(dir, 'e.sock');
      rmSync(path, { force: true });
      const server = createServer((socket) => void socket.on('error', () => {}).end(word)).listen(path);
      await once(server, 'listening');
      chownSync(path, place.sandbox.uid, place.sandbox.uid);
      return server;
    };
    const close = (server: Server): Promise<unknown> => new Promise((resolve) => server.close(resolve));
    const first = await serve('first');
    const program = `const { connect } = require('node:net');
      const ask = () => new Promise((done) => connect(process.env.SOCKET).on('data', (word) => done(String(word))));
      ask().then(console.log); process.stdin.once('data', () => ask().then((word) => { console.log(word); process.exit(); }));`;
    const running = await place.sandbox.launch({
      ...aRequest(place.folders),
      argv: ['/opt/tackroom/bin/node', '-e', program],
      env: { SOCKET: '/run/tack/e.sock' },
      endpoint_dir: dir,
    });
    const lines = createInterface(running.stdout)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('first');
    await close(first);
    const second = await serve('second');
    running.stdin.write('again\n');
    expect((await lines.next()).value).toBe('second');
    await running.kill();
    await close(second);
  });

  it('leaves no process behind a kill: no child, no daemon that left its group', async () => {
    const marker = `7${Date.now()}.25`;
    const script = `sleep ${marker} & (setsid sleep ${marker} &) ; setsid -f sleep ${marker}; echo ready; sleep ${marker}`;
    const running = await place.sandbox.launch({ ...aRequest(place.folders), argv: ['bash', '-c', script] });
    for await (const line of createInterface(running.stdout)) if (line === 'ready') break;
    expect(processesWith(`sleep ${marker}`).length).toBeGreaterThanOrEqual(3);
    await running.kill();
    expect(processesWith(marker)).toEqual([]);
    await running.kill();
    expect((await running.exited).signal).toBe('SIGKILL');
  });

  it('may be killed at any moment after it was asked to start', async () => {
    const marker = `8${Date.now()}.5`;
    for (let round = 0; round < 5; round++) {
      const running = await place.sandbox.launch({ ...aRequest(place.folders), argv: ['sleep', marker] });
      await running.kill();
    }
    expect(processesWith(marker)).toEqual([]);
  });
});

describe('a sandbox of kind bubblewrap', () => {
  let place: Place;
  beforeEach(() => {
    place = aPlace();
  });
  afterEach(() => {
    place.remove();
  });

  it('refuses a folder that was replaced by a symlink', async () => {
    const elsewhere = join(place.home, 'elsewhere');
    mkdirSync(elsewhere);
    const link = join(place.home, 'link');
    symlinkSync(elsewhere, link);
    const request = { ...aRequest(place.folders), folders: { ...place.folders, work: link } };
    await expect(place.sandbox.launch(request)).rejects.toMatchObject({ code: 'sandbox_failed' });
  });

  it('refuses a home in which a mount point leads elsewhere, and makes nothing there', async () => {
    symlinkSync(join(place.home, 'target'), join(place.folders.home, 'work'));
    await expect(place.sandbox.launch(aRequest(place.folders))).rejects.toMatchObject({ code: 'sandbox_failed' });
  });

  it('tells why it did not start', async () => {
    const request = { ...aRequest(place.folders), cwd: '/no/such/folder' };
    await expect(place.sandbox.launch(request)).rejects.toThrow(/no\/such\/folder/);
  });

  it('holds the limit of one file', async () => {
    const ran = await place.run('head -c 3000000 /dev/zero > big; stat -c %s big', {
      limits: { disk_bytes: 1_000_000 },
    });
    expect(Number(ran.out)).toBeLessThanOrEqual(1_000_000);
  });

  it('holds the limit of memory of a process', async () => {
    const script =
      'node -e "const all = Buffer.alloc(1e9).fill(1); setTimeout(() => console.log(all[0]), 2_000)"; cat /proc/self/oom_score_adj';
    expect((await place.run(script, { limits: { memory_bytes: 500_000_000 } })).out).toBe('500\n');
    expect((await place.run(script, { limits: { memory_bytes: 4_000_000_000 } })).out).toBe('1\n500\n');
  });

  it('holds the limit of processes', async () => {
    const argv = ['sh', '-c', 'i=0; while [ $i -lt 200 ]; do sleep 20 & i=$((i+1)); done'];
    const bounded = await place.run('', { argv, limits: { processes: 60 } });
    expect(bounded.err).toContain('Cannot fork');
    expect((await place.run('', { argv })).err).toBe('');
  });

  it('starts with an empty home when it is asked for one', async () => {
    writeFileSync(join(place.folders.home, '.gitconfig'), '[alias]\n x = !touch /tmp/x\n');
    const ran = await place.run('ls -A ~', { home: 'scratch' });
    expect(ran.out.split('\n').filter(Boolean)).toEqual(['out', 'work']);
  });
});
