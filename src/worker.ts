/** The role `worker`: runs the workflows and the turns of one host. Everything it needs is put together here. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createActivities, type ActivityPorts, type EndpointWish } from './activities/index.ts';
import { connectEngine } from './api/engine/index.ts';
import { bootId, machineId, type Config } from './config.ts';
import { TackError } from './domain/errors.ts';
import type { PutEndpoint } from './domain/wires/broker.ts';
import { createPolicyFor, suggestPattern } from './domain/policy/index.ts';
import { createHarnesses } from './harnesses/index.ts';
import { createSandbox, findCgroup, lookUp, probe, type Sandbox, SANDBOX_UID, sweepCgroups } from './sandbox/index.ts';
import { openStore } from './store/index.ts';
import { holdLifeline } from './supervisor/lifeline.ts';
import { roleLogger } from './supervisor/role-logger.ts';
import { linkApprovals } from './worker/approvals.ts';
import { linkBroker } from './worker/broker-link.ts';
import { workflowBundle } from './worker/bundle.ts';
import { linkFrames } from './worker/frames-link.ts';
import { createJudge } from './worker/judge.ts';
import { serveJudge } from './worker/judge-server.ts';
import { serveQueues } from './worker/queues.ts';
import { failDeadAttempts, holderOf } from './worker/recovery.ts';
import { createWorktrees } from './worker/worktrees.ts';

const ANTHROPIC = 'https://api.anthropic.com';
const SEEN_EVERY_MS = 30_000;

/**
 * Runs until it is told to stop; throws when it cannot go on, for its supervisor to start it again. `change` is for whoever
 * proves that a guard is needed: only other code can hand it in, nothing that a person sets (docs/decisions/0031).
 */
export async function runWorker(
  config: Config,
  change: (own: ActivityPorts) => ActivityPorts = (own) => own,
): Promise<void> {
  const logger = roleLogger('worker', config.log_level);
  const stop = Promise.withResolvers<void>();
  let has_begun = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => (has_begun ? stop.resolve() : process.exit(0))); // nothing to end yet: it may wait for an engine
  const lifeline = holdLifeline(config.lifeline_fd, () => process.exit(0)); // the sandboxes end with this process

  const { data_folder, run_folder, temporal } = config;
  const machine = machineId();
  const host = sha256(machine).slice(0, 8);
  const host_queue = `tack-host-${host}-${bootId()}`;
  const address = temporal.address ?? '127.0.0.1:7233';
  const store = await openStore(config);
  const engine = connectEngine({ address, namespace: temporal.namespace });
  const broker = linkBroker({ socket: join(run_folder, 'broker.sock'), describe: endpointOf });
  const screens = linkFrames(join(run_folder, 'frames.sock'));
  const sandboxes = new Map<Sandbox['kind'], Sandbox>();

  const ports: ActivityPorts = {
    ...store,
    harness: createHarnesses({ binary: config.claude_bin, path: config.path }).find,
    sandbox(kind) {
      const sandbox = sandboxes.get(kind) ?? workingSandbox(kind, config);
      sandboxes.set(kind, sandbox);
      return sandbox;
    },
    worktrees: createWorktrees({ data_folder, machine }),
    endpoints: broker,
    approvals: linkApprovals(engine.client),
    policyFor: createPolicyFor({ sha256 }),
    suggestPattern,
    screens,
    here: { host, holder: holderOf(process.pid) },
    sha256,
    now: Date.now,
    move_after_s: config.move_after_s,
  };
  const activities = createActivities(change(ports));
  const judge = await serveJudge(join(run_folder, 'judge.sock'), createJudge(activities.turns));
  let ended_attempts = 0;
  const queues = await serveQueues({
    address,
    namespace: temporal.namespace,
    host_queue,
    slots: config.slots,
    activities,
    bundle: await workflowBundle(config.workflow_bundle),
    logger,
    // an attempt that has begun here already would be ended as the dead one that it follows: they share their id
    first: async () =>
      void (ended_attempts = await failDeadAttempts(engine.client, { ...store, endpoints: broker }, host)),
  });
  has_begun = true;
  const announce = () => store.hosts.announce({ host, queue: host_queue, slots: config.slots });
  await announce();
  const seen = setInterval(
    () => void announce().catch((err: unknown) => logger.warn({ err }, 'host.unseen')),
    SEEN_EVERY_MS,
  );
  const cgroup = findCgroup();
  const swept = cgroup ? await sweepCgroups(cgroup, (pid) => lookUp(pid) !== undefined) : [];
  logger.info({ host, queue: host_queue, ended_attempts, swept_cgroups: swept.length }, 'worker.ready');
  lifeline.ready();

  await Promise.race([stop.promise, queues.running]);
  logger.info('worker.stopping');
  queues.drain();
  await queues.running.catch((err: unknown) => logger.warn({ err }, 'worker.forced'));
  clearInterval(seen);
  broker.end();
  screens.end();
  await judge.close();
  await engine.close();
  await store.close();
}

/** Looked at before its first use: what is missing is an error with its way out, not a launch that fails. */
function workingSandbox(kind: Sandbox['kind'], { path, is_root, data_folder, run_folder }: Config): Sandbox {
  const found = kind === 'none' ? null : probe({ drop_to: is_root ? SANDBOX_UID : undefined });
  if (found?.usable === false)
    throw new TackError('sandbox_unavailable', `No sandbox here: ${found.reason}. ${found.way_out}`);
  const roots = [join(data_folder, 'sessions'), join(data_folder, 'projects'), join(run_folder, 'e')];
  return createSandbox({ kind, path, exec_path: process.execPath, roots });
}

const endpointOf = ({ epoch, turn_id, credential_ref }: EndpointWish): PutEndpoint => ({
  epoch,
  turn_id,
  upstreams: [{ name: 'model', base_url: ANTHROPIC, credential_ref }],
  judge: 'judge.sock',
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
