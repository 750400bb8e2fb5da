/** What an operator sees: roles, queues, leases, waits, and each way to be stuck, really made, with its reason on every surface. */
import { DatabaseSync } from 'node:sqlite';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/domain/wires/supervisor.ts';
import { WORKFLOW_QUEUE } from '../../src/domain/task-queues.ts';
import { bundleWithATimer } from '../support/other-workflow.ts';
import { isLong } from '../support/rounds.ts';
import { asks, scripted, shell, startSession, type TestSession } from '../support/session.ts';
import { openRoom } from '../support/tackroom.ts';
import { until } from '../support/until.ts';

const room = openRoom({ TACK_STUCK_AFTER_S: '2', TACK_GRACE_S: '0' });
let waiting: TestSession;
let asked: TestSession;
let stopped: number[] = [];

beforeAll(async () => {
  await room.up();
  waiting = await startSession(room, scripted([{ wait_for: 'go' }, { say: 'Done.' }]), 'a long command');
  asked = await startSession(room, scripted([shell('git init x'), { say: 'Done.' }], [asks('git init')]), 'a question');
  await asked.logged('turn.suspended');
  await waiting.logged('session.placed');
});
afterAll(async () => {
  goOn();
  await room.close();
}, 60_000);

/** SIGSTOP: it lives and does nothing, so nobody starts another one. */
async function halt(role: Role): Promise<void> {
  const pid = (await room.status()).roles.find((one) => one.role === role)?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  stopped.push(pid);
}
function goOn(): void {
  for (const pid of stopped) process.kill(pid, 'SIGCONT');
  stopped = [];
}
const stuckOf = async ({ id }: TestSession) => (await room.client().sessions.show({ session_id: id })).stuck;
const isStuck = (session: TestSession, reason: string, within_ms = 60_000) =>
  until(
    `${session.id} to be stuck by ${reason}`,
    async () => {
      const stuck = await stuckOf(session);
      return stuck?.reason === reason ? stuck : undefined;
    },
    within_ms,
  );

describe('`tack status`', () => {
  it('shows roles with memory, queues with pollers, leases, sessions, waits and the disk', async () => {
    await waiting.say('next');
    const { code, stdout } = await room.tack(['status', '--json']);
    expect(code).toBe(0);
    const status = JSON.parse(stdout) as Record<string, any>;
    expect(status['roles'].map(({ role, rss_bytes }: any) => [role, rss_bytes > 10_000_000])).toEqual(
      ['engine', 'broker', 'server', 'worker'].map((role) => [role, true]),
    );
    expect(status).toMatchObject({
      sessions: { requires_action: 1, running: 1 },
      leases: [{ session_id: waiting.id, epoch: 1 }],
      oldest_approval: { session_id: asked.id },
      oldest_prompt: { session_id: waiting.id },
      disk: { store: expect.any(Number) as unknown, free: expect.any(Number) as unknown },
    });
    expect(status['queues'].length).toBe(4);
    for (const { pollers, backlog } of status['queues']) expect([pollers > 0, backlog]).toEqual([true, 0]);
    const text = (await room.tack(['status'])).stdout;
    for (const words of [
      /MEMORY/,
      /2: 1 requires_action, 1 running/,
      /for a person:/,
      /in a queue: a prompt of/,
      /tack-wf +0 +– +[1-9]/,
      /free \d/,
    ])
      expect(text).toMatch(words);
  });
});

describe('a session that does not move', () => {
  it('is named when its turn is silent, in `tack status`, in `tack ls` and by the API; one that waits for a person is not', async () => {
    expect(await isStuck(waiting, 'turn_silent')).toMatchObject({
      detail: expect.stringMatching(/no event for \d+ s/) as string,
    });
    expect(await stuckOf(asked)).toBeNull();
    const ls = await room.tack(['ls']);
    expect(ls.stdout).toMatch(new RegExp(`${waiting.id} +Stuck: turn silent`));
    expect(ls.stdout).toMatch(new RegExp(`${asked.id} +Needs you`));
    const { stdout } = await room.tack(['status']);
    expect(stdout).toMatch(new RegExp(`stuck: ${waiting.id} “a long command”, turn_silent for`));
    expect(stdout).not.toContain(`stuck: ${asked.id}`);
  });

  it('is named with the broker that is away', async () => {
    await halt('broker');
    expect(await isStuck(waiting, 'broker_away')).toMatchObject({
      detail: expect.stringContaining('broker') as string,
    });
    goOn();
    await isStuck(waiting, 'turn_silent');
  });

  it('is named with the engine that is away; what the store knows is shown all the same', async () => {
    await halt('engine');
    await isStuck(waiting, 'engine_away');
    expect((await room.tack(['status'])).stdout).toContain('queues       not known: the engine does not answer');
    goOn();
    await isStuck(waiting, 'turn_silent');
  });

  it.skipIf(!isLong)(
    'is named with the failure of its next step, also while it waits for a person (test:long: it bundles other code)',
    { timeout: 120_000 },
    async () => {
      const workflowBundle = await bundleWithATimer();
      const { pid, roles, temporal_address: address } = await room.status();
      process.kill(pid, 'SIGSTOP'); // it starts no worker again
      stopped.push(pid);
      process.kill(roles.find(({ role }) => role === 'worker')?.pid ?? 0, 'SIGKILL');
      Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
      const connection = await NativeConnection.connect({ address: address ?? '' });
      const asker = await Connection.connect({ address: address ?? '' });
      const client = new Client({ connection: asker, namespace: 'tackroom' });
      const other = await Worker.create({
        connection,
        namespace: 'tackroom',
        taskQueue: WORKFLOW_QUEUE,
        workflowBundle,
      });
      const running = other.run();
      try {
        await client.workflow.getHandle(`session/${asked.id}`).signal('decide_approval', {});
        const detail = await until(
          'the failure',
          async () => /failed \d+ times: .*[Nn]ondeterminism/.exec((await stuckOf(asked))?.detail ?? '')?.[0],
          90_000,
        );
        expect((await stuckOf(asked))?.reason).toBe('step_failing');
        expect((await room.client().state.show()).stuck).toContainEqual(
          expect.objectContaining({ session_id: asked.id, reason: 'step_failing', title: 'a question' }),
        );
        expect((await room.tack(['ls'])).stdout).toMatch(new RegExp(`${asked.id} +Stuck: step failing`));
        expect(detail).toBeDefined();
      } finally {
        other.shutdown();
        await running;
        await connection.close();
        await asker.close();
        goOn();
      }
    },
  );

  it.skipIf(!isLong)(
    'is named when no worker takes its turn or its first step (test:long: it takes a minute)',
    { timeout: 240_000 },
    async () => {
      await halt('worker');
      const id = `ses_01${'k'.repeat(24)}`;
      const agent = scripted([{ say: 'Hello.' }]);
      const created = room
        .client()
        .sessions.create({ body: { session_id: id, agent, input: [{ type: 'text', text: 'go' }] } });
      await expect(created).rejects.toMatchObject({ code: 'engine_unavailable' });
      const { stuck } = await room.client().sessions.show({ session_id: id });
      expect(stuck).toMatchObject({ reason: 'worker_missing', detail: 'No worker takes its next step.' });
      expect(await isStuck(waiting, 'host_missing', 90_000)).toMatchObject({
        detail: expect.stringContaining('host') as string,
      });
      expect(await isStuck(waiting, 'worker_missing', 120_000)).toBeDefined();
      goOn();
      writeFileSync(join(room.workOf(waiting.id), 'go'), '');
      await until('the end', async () => (await waiting.log()).some(({ type }) => type === 'turn.completed'), 120_000);
      expect(await stuckOf(waiting)).toBeNull();
    },
  );

  it.skipIf(!isLong)(
    'is named with the activity that fails (test:long: it waits for time-outs)',
    { timeout: 240_000 },
    async () => {
      const session = await startSession(room, scripted([{ wait_for: 'go' }, { say: 'Done.' }]));
      await session.logged('session.placed');
      const writer = new DatabaseSync(join(room.home, 'store.db'));
      try {
        writer.exec('begin immediate');
        await room.temporal(
          'workflow',
          'signal',
          '-w',
          `session/${session.id}`,
          '--name',
          'close',
          '--input',
          JSON.stringify({ actor: { type: 'user', id: 'ann' }, via: 'api' }),
        );
        expect(await isStuck(session, 'activity_failing', 120_000)).toMatchObject({
          detail: expect.stringMatching(/appendEvents has failed \d+ times/) as string,
        });
      } finally {
        writer.close();
      }
      await session.logged('session.closed');
    },
  );
});
