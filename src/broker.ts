/** The role `broker`: the one process that holds the model's key. Everything it needs is put together here. */
import { createHash } from 'node:crypto';
import type { Config } from './config.ts';
import { startBroker } from './sandbox/broker/index.ts';
import { readHandOver } from './supervisor/hand-over.ts';
import { holdLifeline } from './supervisor/lifeline.ts';
import { roleLogger } from './supervisor/role-logger.ts';

/** Runs until it is told to stop. */
export async function runBroker(config: Config): Promise<void> {
  const logger = roleLogger('broker', config.log_level);
  const stop = Promise.withResolvers<void>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.resolve());
  const lifeline = holdLifeline(config.lifeline_fd, () => process.exit(0));
  process.umask(0o077); // every socket is this user's own from its first moment

  const handed = await readHandOver(config, { whose: 'the broker' });
  const broker = await startBroker({
    run_folder: config.run_folder,
    is_root: config.is_root,
    handed,
    keep: (credential) => lifeline.keep(JSON.stringify(credential)),
    sha256: (words) => createHash('sha256').update(words).digest('hex'),
    log: logger,
  });
  logger.info('broker.ready');
  lifeline.ready();

  await stop.promise;
  logger.info('broker.stopping');
  await broker.end();
}
