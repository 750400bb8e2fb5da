/** The role `server`: the API on loopback. Everything it needs is put together here. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { connectEngine, createEngine, createEngineView } from './api/engine/index.ts';
import type { RoleInfo } from './api/contract/info.ts';
import { createApp } from './api/server/app.ts';
import { keepCredentialsAt } from './api/server/broker-keeper.ts';
import { forgetKeys } from './api/server/forget-keys.ts';
import { createOversight } from './api/server/oversight.ts';
import { createFrameHub } from './api/server/stream/frame-hub.ts';
import { listenForFrames } from './api/server/stream/frames-socket.ts';
import { logProgress } from './api/server/stream/log-progress.ts';
import { createCatalog } from './catalog.ts';
import type { Config } from './config.ts';
import { DEFAULTS } from './domain/defaults.ts';
import { newId } from './domain/ids.ts';
import type { Engine } from './domain/ports/engine.ts';
import type { SessionRecord } from './domain/ports/records.ts';
import { createPolicyFor } from './domain/policy/index.ts';
import { createHarnesses } from './harnesses/index.ts';
import { createGitHttp } from './sandbox/git-http/index.ts';
import { probe, SANDBOX_UID } from './sandbox/index.ts';
import { openStore, type Store } from './store/index.ts';
import { holdLifeline } from './supervisor/lifeline.ts';
import { roleLogger } from './supervisor/role-logger.ts';
import { readServerFile, writeServerFile } from './supervisor/server-file.ts';

/** Runs until it is told to stop. */
export async function runServer(config: Config): Promise<void> {
  const logger = roleLogger('server', config.log_level);
  const stop = Promise.withResolvers<void>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.resolve());
  const lifeline = holdLifeline(config.lifeline_fd, () => process.exit(0));

  const { data_folder, run_folder, temporal } = config;
  const store = await openStore(config);
  const harnesses = createHarnesses({ binary: config.claude_bin, path: config.path });
  const policyFor = createPolicyFor({ sha256 });
  const connection = connectEngine({ address: temporal.address ?? '127.0.0.1:7233', namespace: temporal.namespace });
  const engine = createEngine({
    client: connection.client,
    records: store.records,
    blobs: store.blobs,
    describe: (record) => ({
      policy_version: policyFor(record.agent).version,
      steers: harnesses.find(record.agent.harness).manifest.steer,
      limits: { grace_s: config.grace_s },
      about: aboutOf(record),
    }),
  });
  const hub = createFrameHub(logProgress(store.log));
  const credentials = keepCredentialsAt(join(run_folder, 'broker.sock'));
  const app = await createApp({
    ...store,
    engine,
    git: createGitHttp({ projects: join(data_folder, 'projects') }),
    hub,
    credentials,
    catalog: createCatalog({
      folder: join(config.package_folder, 'agents'),
      harnesses: harnesses.all,
      probe: () => probe({ drop_to: config.is_root ? SANDBOX_UID : undefined }),
    }),
    oversight: createOversight({
      ...store,
      engine: createEngineView(connection.client),
      brokerAnswers: async () => (await credentials.held()) !== null,
      now: Date.now,
      silent_after_ms: config.stuck_after_s * 1_000,
    }),
    roles: () => rolesSeen({ engine, store, held: credentials.held }),
    token: readFileSync(join(data_folder, 'token'), 'utf8').trim(),
    actor: { type: 'user', id: config.login },
    about: { version: versionOf(config), data_folder: sha256(data_folder).slice(0, 8) },
    sha256,
    newId: (kind) => newId(kind, Date.now(), randomBytes(10)),
    now: () => new Date().toISOString(),
    logger,
    limits: {
      heartbeat_ms: DEFAULTS.sse_heartbeat_ms,
      client_buffer_bytes: 1_000_000,
      stalled_after_ms: 60_000,
      body_bytes: DEFAULTS.api_body_bytes,
    },
  });
  const frames = await listenForFrames(join(run_folder, 'frames.sock'), { hub, log: store.log, logger });
  const port = await listen(app, config);
  writeServerFile(data_folder, { port, pid: process.pid, version: versionOf(config) });
  const ended = new AbortController();
  forgetKeys({ records: store.records, now: () => new Date().toISOString(), logger }, ended.signal);
  logger.info({ port }, 'server.ready');
  lifeline.ready();

  await stop.promise;
  ended.abort();
  await app.close();
  await frames.close();
  await connection.close();
  await store.close();
}

/** The port that it had before its restart, else the configured one, or a free one when that is taken. */
async function listen(app: FastifyInstance, { port, data_folder }: Config): Promise<number> {
  for (const candidate of [readServerFile(data_folder)?.port ?? port, port, 0])
    try {
      await app.listen({ host: '127.0.0.1', port: candidate, listenTextResolver: () => 'http.listening' });
      return (app.server.address() as { port: number }).port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  throw new Error('No free port.');
}

interface Seen {
  readonly engine: Engine;
  readonly store: Store;
  readonly held: () => Promise<readonly unknown[] | null>;
}
const WORKER_SEEN_MS = 120_000;

async function rolesSeen({ engine, store, held }: Seen): Promise<readonly RoleInfo[]> {
  const [ready, credentials, hosts] = await Promise.all([engine.isReady(), held(), store.hosts.list()]);
  const alive = hosts.filter(({ seen_at }) => Date.now() - Date.parse(seen_at) < WORKER_SEEN_MS);
  return [
    { role: 'engine', ok: ready, detail: ready ? 'answers' : 'does not answer' },
    { role: 'worker', ok: alive.length > 0, detail: `${alive.length} host${alive.length === 1 ? '' : 's'}` },
    {
      role: 'broker',
      ok: credentials !== null,
      detail:
        credentials === null
          ? 'does not answer'
          : `${credentials.length} credential${credentials.length === 1 ? '' : 's'}`,
    },
  ];
}

/** What people read about a session. */
const aboutOf = ({ title, agent, project_id, base_commit, created_at }: SessionRecord) => ({
  title,
  agent: agent.name,
  harness: agent.harness,
  model: agent.model ?? null,
  sandbox: agent.sandbox,
  project_id,
  base_commit,
  created_at,
});

const versionOf = ({ package_folder }: Config): string =>
  (JSON.parse(readFileSync(join(package_folder, 'package.json'), 'utf8')) as { version: string }).version;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
