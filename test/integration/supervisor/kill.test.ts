/** Kill -9 of each process of a group. The oracle is /proc and what the API answers afterwards. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import type { Role } from '../../../src/domain/wires/supervisor.ts';
import { processes, processesNaming, processesOf } from '../../support/processes.ts';
import { scripted, shell, startSession } from '../../support/session.ts';
import { openRoom, type Room } from '../../support/tackroom.ts';
import { until } from '../../support/until.ts';

const isAlive = (pid: number) => processes().some((process) => process.pid === pid);
const statusOf = async (room: Room, role: Role) => (await room.status()).roles.find((one) => one.role === role);
const agent = scripted([{ say: 'hello' }]);

describe('kill -9 of a role', () => {
  const room = openRoom();
  beforeAll(async () => void (await room.up()));
  afterAll(() => room.close());

  it.each(['engine', 'broker', 'server', 'worker'] as const)('%s: it is started again, and shown so', async (role) => {
    const { id } = await room.client().sessions.create({ body: { agent } });
    const pid = await room.kill(role);
    const restarted = await until(`another ${role}`, async () => {
      const now = await statusOf(room, role);
      return now?.state === 'ready' && now.pid !== pid ? now : undefined;
    });
    expect(restarted).toMatchObject({ state: 'ready', restarts: 1 });
    expect(isAlive(pid)).toBe(false);
    const shown = await room.tack(['status']);
    expect(shown.stdout).toMatch(new RegExp(`^ +${role} +ready +${restarted.pid} +1 `, 'm'));
    expect(readFileSync(join(room.home, 'logs', `${role}.log`), 'utf8')).toContain('"why":"ended by SIGKILL"');
    expect(await room.client().sessions.show({ session_id: id })).toMatchObject({ id });
    const session = await startSession(room, agent); // and it works
    expect((await session.ended()).type).toBe('turn.completed');
  });

  it('is shown while it lasts: a role that is away makes `tack status` exit with 1', async () => {
    const { pid } = (await statusOf(room, 'engine')) ?? { pid: null };
    process.kill(pid ?? 0, 'SIGSTOP');
    try {
      await until('a status that says it', async () => {
        const broker = await statusOf(room, 'broker');
        if (broker?.state === 'ready' && broker.pid) process.kill(broker.pid, 'SIGKILL'); // again, when it was quicker than we
        const { code, stdout } = await room.tack(['status']);
        return code === 1 && /^ +broker +(starting|restarting)/m.test(stdout);
      });
    } finally {
      process.kill(pid ?? 0, 'SIGCONT');
    }
    await until('all to work again', async () => (await room.status()).ready);
  });
});

describe('kill -9 of the worker while a tool runs', () => {
  const room = openRoom();
  beforeAll(async () => void (await room.up()));
  afterAll(() => room.close());

  it('lets the next worker fail the attempt by its id: the turn goes on at once and the effect is not doubled', async () => {
    const effects = (id: string) => join(room.workOf(id), 'effects.txt');
    const session = await startSession(
      room,
      scripted([shell('echo once >> effects.txt'), { wait_for: 'go' }, { say: 'On we go.' }]),
    );
    await session.logged('agent.tool_result');
    const before = new Set(processesOf(session.id).map(({ pid }) => pid));
    expect(before.size).toBeGreaterThan(0);
    const killed = performance.now();
    await room.kill('worker');
    await until('a process of the next attempt', () => processesOf(session.id).some(({ pid }) => !before.has(pid)));
    const took_ms = performance.now() - killed;
    console.log(`kill -9 of the worker → the next attempt runs: ${Math.round(took_ms)} ms`);
    expect(took_ms).toBeLessThan(15_000); // the heartbeat of the dead attempt is missed after 20 s only
    expect(processesOf(session.id).filter(({ pid }) => before.has(pid))).toEqual([]);
    const last = readFileSync(join(room.home, 'logs', 'worker.log'), 'utf8')
      .trim()
      .split('\n');
    expect(last.some((line) => line.includes('"ended_attempts":1'))).toBe(true);
    writeFileSync(join(room.workOf(session.id), 'go'), '');
    expect((await session.ended()).type).toBe('turn.completed');
    expect(readFileSync(effects(session.id), 'utf8')).toBe('once\n');
  });
});

describe('kill -9 of the supervisor', () => {
  const room = openRoom();
  afterAll(() => room.close());

  it('leaves no child, also none that hangs; the next `tack up` finds all', async () => {
    const group = await room.up();
    const { id } = await room.client().sessions.create({ body: { agent } });
    const worker = group.roles.find(({ role }) => role === 'worker')?.pid ?? 0;
    process.kill(worker, 'SIGSTOP'); // it cannot notice anything itself
    process.kill(group.pid, 'SIGKILL');
    await until('no process of the group', () => processesNaming(room.home).length === 0, 5_000);
    expect((await room.tack(['status'])).code).toBe(8);
    expect((await room.tack(['ls'])).code).toBe(8); // and the token is shown to nobody who listens there now

    const next = await room.up();
    expect(next.pid).not.toBe(group.pid);
    expect(await room.client().sessions.show({ session_id: id })).toMatchObject({ id });
    expect((await (await startSession(room, agent)).ended()).type).toBe('turn.completed');
  });

  it('leaves no child when it comes in the first moments', async () => {
    await room.tack(['down']);
    for (const words of ['', 'start-dev', 'main.ts worker']) {
      const running = room.start(['up', '--foreground']);
      await until(`a first child: ${words}`, () =>
        processesNaming(room.home).some(({ ppid, command }) => ppid === running.child.pid && command.includes(words)),
      );
      running.child.kill('SIGKILL');
      await until('no process of the group', () => processesNaming(room.home).length === 0, 5_000);
    }
    await room.tack(['down']); // nothing runs, and nothing is left in its folder of sockets
    expect(existsSync(join(loadConfig(room.env).run_folder, 'supervisor.sock'))).toBe(false);
  });

  it('does not let a second engine onto the file while the first one lives', async () => {
    const group = await room.up();
    const engine = group.roles.find(({ role }) => role === 'engine')?.pid ?? 0;
    const locks = readFileSync('/proc/locks', 'utf8');
    expect(locks).toMatch(new RegExp(`FLOCK +ADVISORY +WRITE +${engine} `));
  });
});

describe('`tack up --foreground`', () => {
  it('stays, and ends with everything on SIGTERM', async () => {
    const room = openRoom();
    try {
      const running = room.start(['up', '--foreground']);
      await running.says('ready', 60_000);
      expect((await room.status()).pid).toBe(running.child.pid);
      running.child.kill('SIGTERM');
      expect((await running.finished).code).toBe(0);
      expect(processesNaming(room.home)).toEqual([]);
    } finally {
      await room.close();
    }
  });
});
