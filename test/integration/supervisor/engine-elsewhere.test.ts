/** An engine of one's own (TEMPORAL_ADDRESS), under `tack up` and under each role alone. */
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEngine, type TestEngine } from '../../support/engine.ts';
import { processesNaming } from '../../support/processes.ts';
import { scripted, startSession } from '../../support/session.ts';
import { openRoom, type Room } from '../../support/tackroom.ts';
import { until } from '../../support/until.ts';

let engine: TestEngine;
beforeAll(async () => void (engine = await startEngine()));
afterAll(() => engine.stop());

const enginesOf = ({ home }: Room) => processesNaming(home).filter(({ command }) => command.includes('start-dev'));
const agent = scripted([{ say: 'hello' }]);

describe('`tack up` with TEMPORAL_ADDRESS', () => {
  it('starts no engine, makes the namespace it needs, and leaves the engine running', async () => {
    const room = openRoom({ TEMPORAL_ADDRESS: engine.address, TEMPORAL_NAMESPACE: 'elsewhere' });
    try {
      const group = await room.up();
      expect(group).toMatchObject({ ready: true, temporal_address: engine.address });
      expect(group.roles[0]).toMatchObject({ role: 'engine', state: 'away', pid: null, detail: engine.address });
      expect(enginesOf(room)).toEqual([]);
      expect(existsSync(join(room.home, 'engine', 'temporal.db'))).toBe(false);

      const session = await startSession(room, agent);
      expect((await session.ended()).type).toBe('turn.completed');
      const client = new Client({ connection: engine.client.connection, namespace: 'elsewhere' });
      expect(await client.workflow.getHandle(`session/${session.id}`).describe()).toMatchObject({ type: 'session' });

      await room.tack(['down']);
      expect(processesNaming(room.home)).toEqual([]);
      expect(await engine.cli('operator', 'cluster', 'health')).toContain('SERVING');
    } finally {
      await room.close();
    }
  });

  it('says which engine it waits for when nobody answers there', async () => {
    const room = openRoom({ TEMPORAL_ADDRESS: '127.0.0.1:9' });
    try {
      const running = room.start(['up', '--foreground']);
      await until('a status that says why', async () => {
        const { code, stdout } = await room.tack(['status']);
        return code === 1 && /^ +engine +starting +– +0 .*127\.0\.0\.1:9: ./m.test(stdout);
      });
      running.child.kill('SIGTERM');
      expect((await running.finished).code).toBe(0);
    } finally {
      await room.close();
    }
  });
});

describe('each role alone', () => {
  it('runs by the same code: together they play a session, and each ends on SIGTERM', async () => {
    const room = openRoom({ TEMPORAL_ADDRESS: engine.address, TEMPORAL_NAMESPACE: 'apart' });
    try {
      const roles = (['broker', 'server', 'worker'] as const).map((role) => room.start([role]));
      await Promise.all(roles.map((role, n) => role.says(`${['broker', 'server', 'worker'][n]}.ready`, 60_000)));
      const session = await startSession(room, agent);
      expect((await session.ended()).type).toBe('turn.completed');
      expect((await room.tack(['ls', '--quiet'])).stdout.trim()).toBe(session.id);
      for (const { child } of roles) child.kill('SIGTERM');
      expect(await Promise.all(roles.map(async ({ finished }) => (await finished).code))).toEqual([0, 0, 0]);
      expect(processesNaming(room.home)).toEqual([]);
    } finally {
      await room.close();
    }
  });
});
