/** The Temporal workers of this process: workflows, the pool, this host's turns and their control. */
import {
  NativeConnection,
  Runtime,
  Worker,
  DefaultLogger,
  type WorkerOptions,
  type LogEntry,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import { heartbeats, type Activities } from '../activities/index.ts';
import { controlQueueOf, POOL_QUEUE, WORKFLOW_QUEUE } from '../domain/task-queues.ts';

export interface QueueOptions {
  readonly address: string;
  readonly namespace: string;
  readonly host_queue: string;
  readonly slots: number;
  readonly activities: Activities;
  /** A file, or code that was bundled just now. */
  readonly bundle: WorkerOptions['workflowBundle'];
  readonly logger: Logger;
  /** Done once the engine answers, before anything is taken from a queue. */
  readonly first: () => Promise<void>;
}

export interface Queues {
  /** Resolves when all have ended; rejects when one of them broke. */
  readonly running: Promise<void>;
  /** No new work; turns are told to move after `grace_ms`. */
  drain(): void;
}

/** Waits for an engine that is not there yet. */
export async function serveQueues(options: QueueOptions): Promise<Queues> {
  const { namespace, host_queue, slots, activities, bundle } = options;
  Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('WARN', (entry) => say(options.logger, entry)) });
  const connection = await connect(options.address);
  const base = {
    connection,
    namespace,
    maxHeartbeatThrottleInterval: '1s',
    interceptors: { activity: [heartbeats] },
  } satisfies Partial<WorkerOptions>;
  const workers = await Promise.all([
    Worker.create({
      ...base,
      taskQueue: WORKFLOW_QUEUE,
      ...(bundle && { workflowBundle: bundle }),
      maxCachedWorkflows: 2_000,
      maxConcurrentWorkflowTaskExecutions: 4, // one thread runs them all: one that is taken and waits is on its time-out
      stickyQueueScheduleToStartTimeout: '1s',
      shutdownGraceTime: '2s',
    }),
    Worker.create({ ...base, taskQueue: POOL_QUEUE, activities: { ...activities.pool }, shutdownGraceTime: '2s' }),
    Worker.create({
      ...base,
      taskQueue: host_queue,
      activities: { ...activities.host },
      maxConcurrentActivityTaskExecutions: slots,
      shutdownGraceTime: '100ms',
      shutdownForceTime: '10s',
    }),
    Worker.create({
      ...base,
      taskQueue: controlQueueOf(host_queue),
      activities: { ...activities.control },
      shutdownGraceTime: '2s',
    }),
  ]);
  await options.first();
  const drain = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const running = Promise.all(workers.map((worker) => worker.run()))
    .finally(drain)
    .then(() => connection.close());
  return { running, drain };
}

const RETRY_MS = 100;

async function connect(address: string): Promise<NativeConnection> {
  for (;;)
    try {
      return await NativeConnection.connect({ address });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS)); // the engine starts beside us; whoever started us has a deadline
    }
}

function say(logger: Logger, { level, message, meta }: LogEntry): void {
  const about = Object.entries(meta ?? {}).map(([name, value]) => [snakeCase(name), plain(value)] as const);
  const session_id = /^session\/(ses_\w+)$/.exec(String(meta?.['workflowId'] ?? ''))?.[1];
  logger[level === 'ERROR' ? 'error' : 'warn'](
    { ...Object.fromEntries(about), ...(session_id !== undefined && { session_id }), text: message },
    'sdk.said',
  );
}

const snakeCase = (name: string): string => name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
const plain = (value: unknown): unknown => (typeof value === 'object' && value !== null ? String(value) : value);
