/** What a worker does before it takes anything: an attempt of its dead predecessor must not be ended once its repetition runs here. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import pino from 'pino';
import type { Activities } from '../../../src/activities/index.ts';
import { controlQueueOf, POOL_QUEUE } from '../../../src/domain/task-queues.ts';
import { workflowBundle } from '../../../src/worker/bundle.ts';
import { serveQueues } from '../../../src/worker/queues.ts';
import { startEngine, type TestEngine } from '../../support/engine.ts';
import { until } from '../../support/until.ts';

let engine: TestEngine;
beforeAll(async () => void (engine = await startEngine()));
afterAll(() => engine?.stop());

const HOST_QUEUE = 'tack-host-of-the-test';
const TASK_QUEUE_TYPE_ACTIVITY = 2;
async function pollers(): Promise<number> {
  const counts = await Promise.all(
    [POOL_QUEUE, HOST_QUEUE, controlQueueOf(HOST_QUEUE)].map(async (name) => {
      const request = { namespace: engine.namespace, taskQueue: { name }, taskQueueType: TASK_QUEUE_TYPE_ACTIVITY };
      return (await engine.client.workflowService.describeTaskQueue(request)).pollers.length;
    }),
  );
  return counts.filter((count) => count > 0).length;
}

it('a worker looks for dead attempts before it polls any queue, and polls all of them afterwards', async () => {
  const nothing = { nothing: async () => undefined };
  const seen: number[] = [];
  const queues = await serveQueues({
    address: engine.address,
    namespace: engine.namespace,
    host_queue: HOST_QUEUE,
    slots: 1,
    activities: { pool: nothing, host: nothing, control: nothing } as unknown as Activities,
    bundle: await workflowBundle(null),
    logger: pino({ level: 'silent' }),
    first: async () => void seen.push(await pollers()),
  });
  try {
    expect(seen).toEqual([0]);
    await until('pollers of every queue', async () => (await pollers()) === 3);
  } finally {
    queues.drain();
    await queues.running;
  }
});
