/** The process of the supervisor: runs the group in the foreground until it is told to stop. */
import { watchSockets } from './watch-sockets.ts';
import { serveControl } from './control.ts';
import { startSupervised, type GroupOptions } from './group.ts';

export async function runGroup(options: GroupOptions): Promise<void> {
  const { config, say } = options;
  const told = Promise.withResolvers<void>();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => told.resolve());
  // its words are lost then, its roles are not: neither a full disk nor a reader that is gone ends them
  for (const stream of [process.stdout, process.stderr])
    stream.removeAllListeners('error').on('error', () => undefined);
  const group = await startSupervised(options);
  const serve = () => serveControl(config.run_folder, { group, stop: told.resolve });
  const control = await watchSockets(config, { group, serve, say });
  group.ready.then(
    () => say('ready'),
    (error: unknown) => say(error instanceof Error ? error.message : String(error)),
  );
  await told.promise;
  say('stopping');
  await group.stop();
  control.close();
}
