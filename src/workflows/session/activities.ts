/** The activities as the workflow calls them: on which queue, for how long, how often. */
import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { ControlActivities, HostActivities, PoolActivities } from '../../activities/contract.ts';
import { DEFAULTS } from '../../domain/defaults.ts';
import { controlQueueOf, POOL_QUEUE } from '../../domain/task-queues.ts';
import type { HostLease } from '../../domain/turn.ts';

const NEVER_GIVES_UP = { initialInterval: '200ms', maximumInterval: '10s' } as const;

/** A write takes milliseconds: a worker that died over it must not hold it up for long, and its key makes a second one harmless. */
const write = proxyActivities<Pick<PoolActivities, 'appendEvents' | 'writeGrant' | 'revokeGrant' | 'keepText'>>({
  taskQueue: POOL_QUEUE,
  startToCloseTimeout: '5s',
  retry: NEVER_GIVES_UP,
});
const slots = proxyActivities<Pick<PoolActivities, 'acquireHost' | 'releaseHost'>>({
  taskQueue: POOL_QUEUE,
  startToCloseTimeout: '5s',
  retry: NEVER_GIVES_UP,
});
/** Holds up a change of runs, so it gives up: the server repeats it from the log. */
const told = proxyActivities<Pick<PoolActivities, 'notifyApproval'>>({
  taskQueue: POOL_QUEUE,
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '30s',
});

export const pool: PoolActivities = {
  ...pick(write, 'appendEvents', 'writeGrant', 'revokeGrant', 'keepText'),
  ...pick(slots, 'acquireHost', 'releaseHost'),
  ...pick(told, 'notifyApproval'),
};

const TURN = {
  scheduleToStartTimeout: '45s',
  startToCloseTimeout: '4h',
  heartbeatTimeout: DEFAULTS.heartbeat_timeout_ms,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
} as const satisfies ActivityOptions;

export const hostOf = ({ queue }: HostLease): HostActivities =>
  proxyActivities<HostActivities>({ ...TURN, taskQueue: queue });

export const controlOf = ({ queue }: HostLease): ControlActivities =>
  proxyActivities<ControlActivities>({
    taskQueue: controlQueueOf(queue),
    scheduleToStartTimeout: '10s',
    startToCloseTimeout: '10s',
    retry: { maximumAttempts: 3 },
  });

/** Tried for as long as the attempt lasts: whoever asks for it ends it with the attempt. */
export const moverOf = ({ queue }: HostLease): Pick<ControlActivities, 'moveTurn'> =>
  proxyActivities<ControlActivities>({
    taskQueue: controlQueueOf(queue),
    startToCloseTimeout: '5s',
    retry: NEVER_GIVES_UP,
  });

/** Longer than a dead host is taken for alive: after it, no attempt is left that judges by the rules of before. */
export const policyOf = ({ queue }: HostLease): Pick<ControlActivities, 'policyChanged'> =>
  proxyActivities<ControlActivities>({
    taskQueue: controlQueueOf(queue),
    startToCloseTimeout: '5s',
    scheduleToCloseTimeout: '60s',
    retry: NEVER_GIVES_UP,
  });

/** A proxy makes its functions when they are asked for: a spread would copy nothing. */
function pick<T extends object, K extends keyof T>(from: T, ...names: K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}
