/** Fake activities on real queues: the workflow is real, what it calls is played by the test. */
import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { ControlActivities, HostActivities, PoolActivities } from '../../src/activities/contract.ts';
import type { NewEvent } from '../../src/domain/events/new-event.ts';
import type { Grant } from '../../src/domain/approval/schema.ts';
import type { Answer, Outcome, TurnInput } from '../../src/domain/turn.ts';
import { until } from './until.ts';

/** A turn that the workflow has started and the test ends. */
export interface PlayedTurn {
  readonly input: TurnInput;
  readonly host: string;
  end(outcome: Outcome): void;
  fail(error: Error): void;
  /** The engine has told this activity to stop. */
  readonly cancelled: Promise<void>;
}

export interface FakeHost {
  readonly delivered: readonly { readonly session_id: string; readonly turn_id: string; readonly answer: Answer }[];
  readonly killed: readonly string[];
  readonly grants: readonly Grant[];
  /** Ids of grants that were taken back in the store. */
  readonly revoked: readonly string[];
  readonly notified: readonly string[];
  readonly steered: readonly string[];
  /** Turns that were told that their policy changed. */
  readonly policies: readonly string[];
  /** Turns that were told to yield. */
  readonly moving: readonly string[];
  log(session_id: string): readonly NewEvent[];
  types(session_id: string): readonly string[];
  /** The next turn of this session that nobody has taken yet. */
  nextTurn(session_id: string): Promise<PlayedTurn>;
  /** Resolves when the log of the session has so many events of this type. */
  logged(session_id: string, type: string, count?: number): Promise<readonly NewEvent[]>;
  /** Appends fail until it is up again. */
  logIsDown: boolean;
  /** The harness takes steers. */
  takesSteers: boolean;
  stop(): Promise<void>;
}

export interface FakeHostOptions {
  readonly address: string;
  readonly namespace: string;
  readonly workflowBundle: WorkflowBundleWithSourceMap;
  readonly hosts?: readonly string[];
}

/** Only what is wrong is worth a line in a test's output. */
export const quiet = new DefaultLogger('WARN', ({ level, message, meta }) => {
  if (!message.startsWith('No ')) process.stderr.write(`${level} ${message} ${JSON.stringify(meta)}\n`);
});

export async function startFakeHost({
  address,
  namespace,
  workflowBundle,
  hosts = ['one', 'two'],
}: FakeHostOptions): Promise<FakeHost> {
  const logs = new Map<string, NewEvent[]>();
  const keys = new Map<string, string>();
  const waiting: PlayedTurn[] = [];
  const state = {
    delivered: [] as { session_id: string; turn_id: string; answer: Answer }[],
    killed: [] as string[],
    grants: [] as Grant[],
    revoked: [] as string[],
    notified: [] as string[],
    steered: [] as string[],
    policies: [] as string[],
    moving: [] as string[],
    logIsDown: false,
    takesSteers: true,
  };
  const of = (session_id: string) => logs.get(session_id) ?? logs.set(session_id, []).get(session_id)!;

  const pool: PoolActivities = {
    async appendEvents({ session_id, key, events }) {
      if (state.logIsDown) throw ApplicationFailure.retryable('down', 'store_unavailable');
      const id = `${session_id} ${key}`;
      const digest = createHash('sha256').update(JSON.stringify(events)).digest('hex');
      if (keys.has(id) && keys.get(id) !== digest)
        throw ApplicationFailure.nonRetryable(`${id} was written with other content`, 'store_key_conflict');
      if (!keys.has(id)) of(session_id).push(...events);
      keys.set(id, digest);
      return { head: { seq: of(session_id).length, hash: digest } };
    },
    async acquireHost({ prefer, exclude }) {
      const free = hosts.filter((host) => !exclude.includes(host));
      const host = prefer !== undefined && free.includes(prefer) ? prefer : free[0];
      if (host === undefined) throw ApplicationFailure.create({ type: 'no_capacity', nextRetryDelay: '100ms' });
      return { host, queue: `tack-host-${host}` };
    },
    releaseHost: async () => {},
    async notifyApproval({ approval_id }) {
      state.notified.push(approval_id);
    },
    async writeGrant({ grant }) {
      state.grants.push(grant);
    },
    async revokeGrant({ grant_id }) {
      state.revoked.push(grant_id);
    },
    keepText: async ({ text }) => ({ $blob: createHash('sha256').update(text).digest('hex'), bytes: text.length }),
  };
  const turnOn = (host: string): HostActivities => ({
    async runTurn(input) {
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), 200);
      const end = Promise.withResolvers<Outcome>();
      const cancelled = new Promise<void>((resolve) =>
        context.cancellationSignal.addEventListener('abort', () => resolve()),
      );
      waiting.push({ input, host, end: end.resolve, fail: end.reject, cancelled });
      try {
        return await Promise.race([end.promise, context.cancelled]);
      } catch (error) {
        if (error instanceof CancelledFailure) return { kind: 'cancelled' };
        throw error;
      } finally {
        clearInterval(beat);
      }
    },
  });
  const control: ControlActivities = {
    async deliverDecision(delivery) {
      state.delivered.push(delivery);
    },
    async killTurn({ turn_id }) {
      state.killed.push(turn_id);
    },
    async moveTurn({ turn_id }) {
      state.moving.push(turn_id);
    },
    async policyChanged({ turn_id }) {
      state.policies.push(turn_id);
    },
    async steer({ content }) {
      if (state.takesSteers) state.steered.push(content.$blob);
      return { delivered: state.takesSteers };
    },
  };

  Runtime.install({ logger: quiet, shutdownSignals: [] });
  const connection = await NativeConnection.connect({ address });
  const base = { connection, namespace, maxHeartbeatThrottleInterval: '200ms' } as const;
  const workers = await Promise.all([
    Worker.create({ ...base, taskQueue: 'tack-wf', workflowBundle }),
    Worker.create({ ...base, taskQueue: 'tack-pool', activities: pool }),
    ...hosts.flatMap((host) => [
      Worker.create({ ...base, taskQueue: `tack-host-${host}`, activities: turnOn(host) }),
      Worker.create({ ...base, taskQueue: `tack-host-${host}-ctl`, activities: control }),
    ]),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));

  return Object.assign(state, {
    log: of,
    types: (session_id: string) => of(session_id).map(({ type }) => type),
    nextTurn: (session_id: string) =>
      until(`a turn of ${session_id}`, () => {
        const at = waiting.findIndex(({ input }) => input.session_id === session_id);
        return at < 0 ? undefined : waiting.splice(at, 1)[0];
      }),
    logged: (session_id: string, type: string, count = 1) =>
      until(`${count} ${type} in ${session_id}`, () => {
        const found = of(session_id).filter((event) => event.type === type);
        return found.length >= count ? found : undefined;
      }),
    async stop() {
      workers.forEach((worker) => worker.shutdown());
      await running;
      await connection.close();
    },
  });
}
