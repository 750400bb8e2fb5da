/** `tack up`, `status` and `down` as a person types them. The oracle is /proc, the file system and plain requests. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { processesNaming } from '../../support/processes.ts';
import { openRoom, type Room } from '../../support/tackroom.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const serverFile = ({ home }: Room) =>
  JSON.parse(readFileSync(join(home, 'server.json'), 'utf8')) as { port: number; pid: number };
const runFolder = ({ env }: Room) => loadConfig(env).run_folder;
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('a group', () => {
  const room = openRoom();
  beforeAll(async () => void (await room.up()));
  afterAll(() => room.close());

  it('is healthy when `tack up` returns', async () => {
    const { port, pid } = serverFile(room);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    const group = await room.status();
    expect(group).toMatchObject({ ready: true, port, data_folder: room.home });
    expect(group.roles.map(({ role, state, restarts }) => [role, state, restarts])).toEqual([
      ['engine', 'ready', 0],
      ['broker', 'ready', 0],
      ['server', 'ready', 0],
      ['worker', 'ready', 0],
    ]);
    const running = processesNaming(room.home).map((process) => process.pid);
    expect(running).toEqual(expect.arrayContaining([group.pid, pid, ...group.roles.map((role) => role.pid)]));
  });

  it('is shown with its address, folder, roles and engine', async () => {
    const group = await room.status();
    const { code, stdout, stderr } = await room.tack(['status']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`http://127.0.0.1:${group.port}`);
    expect(stdout).toContain(room.home);
    expect(stdout).toContain(group.temporal_address);
    for (const { role, pid } of group.roles) expect(stdout).toMatch(new RegExp(`^ +${role} +ready +${pid} +0 `, 'm'));
  });

  it('is not started twice: a second `tack up` says so', async () => {
    const before = await room.status();
    const { code, stdout } = await room.tack(['up']);
    expect(code).toBe(0);
    expect(stdout).toContain('runs already');
    expect((await room.status()).pid).toBe(before.pid);
    const alone = await room.tack(['server']);
    expect(alone.code).toBe(1);
    expect(alone.stderr).toContain('runs already');
  });

  it('keeps its folders to itself', () => {
    const passable = process.getuid?.() === 0 ? '711' : '700';
    expect([room.home, join(room.home, 'sessions'), join(room.home, 'projects')].map(modeOf)).toEqual([
      passable,
      passable,
      passable,
    ]);
    expect(['engine', 'logs', 'tools', 'blobs'].map((name) => modeOf(join(room.home, name)))).toEqual(
      Array.from({ length: 4 }, () => '700'),
    );
    expect(modeOf(join(room.home, 'token'))).toBe('600');
    expect(modeOf(runFolder(room))).toBe('700');
  });
});

describe('`tack down`', () => {
  it('leaves no process and no socket, and says so when nothing runs', async () => {
    const room = openRoom();
    try {
      await room.up();
      const folder = runFolder(room);
      expect(readdirSync(folder)).toContain('supervisor.sock');
      const { code, stdout } = await room.tack(['down']);
      expect([code, stdout]).toEqual([0, expect.stringContaining('Stopped')]);
      expect(processesNaming(room.home)).toEqual([]);
      expect(existsSync(folder)).toBe(false);

      const again = await room.tack(['down']);
      expect([again.code, again.stdout]).toEqual([0, '']);
      expect(again.stderr).toContain(`Nothing runs for ${room.home}`);
      const status = await room.tack(['status']);
      expect([status.code, status.stdout]).toEqual([8, expect.stringContaining(`Nothing runs for ${room.home}`)]);
      const json = await room.tack(['status', '--json']);
      expect([json.code, JSON.parse(json.stdout)]).toEqual([
        8,
        { object: 'status', running: false, data_folder: room.home },
      ]);
      expect(await room.tack(['ls'])).toMatchObject({ code: 8, stderr: expect.stringContaining('tack up') as string });
    } finally {
      await room.close();
    }
  });
});

describe('`tack down` where nobody looks after the dead', () => {
  it('is done when the supervisor has ended, though it is still in the list', async () => {
    const room = openRoom();
    // the shell becomes a program that never waits for its children, as the first process of a container may be
    const argv = ['-c', '"$0" "$@" & exec sleep 600', process.execPath, MAIN, 'up', '--foreground'];
    const careless = spawn('sh', argv, { cwd: room.home, env: room.env, stdio: 'ignore' });
    try {
      const { pid } = await room.up();
      expect(await room.tack(['down'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('Stopped') as string,
      });
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^State:\tZ/m);
    } finally {
      careless.kill('SIGKILL');
      await room.close();
    }
  });
});

describe('the port', () => {
  const rooms: Room[] = [];
  afterEach(async () => {
    await Promise.all(rooms.splice(0).map((room) => room.close()));
  });
  const open = (env: NodeJS.ProcessEnv) => {
    const room = openRoom(env);
    rooms.push(room);
    return room;
  };

  it('is the configured one; when that is taken, another one that server.json names; a restarted server keeps its own', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const taken = (other.address() as { port: number }).port;
    const room = open({ TACK_PORT: `${taken}` });
    await room.up();
    const { port } = serverFile(room);
    expect(port).not.toBe(taken);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);

    other.close();
    await once(other, 'close');
    await room.kill('server');
    await room.up();
    expect(serverFile(room).port).toBe(port);

    await room.tack(['down']);
    await room.up();
    expect(serverFile(room).port).toBe(taken); // free again
  });
});

describe('a role that cannot work', () => {
  it('ends `tack up` with its last words, and nothing is left running', async () => {
    const room = openRoom();
    try {
      mkdirSync(join(room.home, 'engine'), { mode: 0o700 });
      writeFileSync(join(room.home, 'engine/temporal.db'), 'this is no database, and never was '.repeat(200));
      const { code, stderr } = await room.tack(['up']);
      expect(code).toBe(8);
      expect(stderr).toMatch(/The engine does not work: it ended 5 times[^]*(not a database|malformed)/);
      expect(stderr).toContain(join(room.home, 'logs'));
      expect(processesNaming(room.home)).toEqual([]);
    } finally {
      await room.close();
    }
  });

  it('is named when the engine’s binary is none', async () => {
    const room = openRoom({ TACK_TEMPORAL_BIN: '/bin/false' });
    try {
      const { code, stdout } = await room.tack(['up', '--json']);
      expect([code, (JSON.parse(stdout) as { code: string }).code]).toEqual([1, 'engine_binary_missing']);
      expect(processesNaming(room.home)).toEqual([]);
    } finally {
      await room.close();
    }
  });
});

describe('two at once', () => {
  it('one data folder: both `tack up` succeed and one group runs', async () => {
    const room = openRoom();
    try {
      const both = await Promise.all([room.tack(['up', '--json']), room.tack(['up', '--json'])]);
      expect(both.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0]);
      const [first, second] = both.map(({ stdout }) => (JSON.parse(stdout) as { pid: number }).pid);
      expect(first).toBe(second);
      const engines = processesNaming(room.home).filter(({ command }) => / server start-dev /.test(command));
      expect(engines.filter(({ command }) => !command.startsWith('/bin/sh'))).toHaveLength(1);
    } finally {
      await room.close();
    }
  });

  it('two data folders: two groups that share nothing', async () => {
    const [one, two] = [openRoom(), openRoom()];
    try {
      const [a, b] = await Promise.all([one.up(), two.up()]);
      expect(a.port).not.toBe(b.port);
      expect(a.temporal_address).not.toBe(b.temporal_address);
      const agent = { name: 'scripted', harness: 'scripted' as const, script: '- say: hello' };
      const { id } = await one.client().sessions.create({ body: { agent } });
      expect(await one.client().sessions.show({ session_id: id })).toMatchObject({ id });
      await expect(two.client().sessions.show({ session_id: id })).rejects.toMatchObject({ code: 'session_not_found' });
      await one.tack(['down']);
      expect((await two.status()).ready).toBe(true);
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  });
});
