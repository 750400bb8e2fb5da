/** A login's folder of sockets goes when its last terminal closes, and comes back with the next: the group makes its sockets anew. */
import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { prepareFolders } from './data-folder.ts';
import type { Group } from './group.ts';

const LOOK_EVERY_MS = 2_000;

export interface WatchOptions {
  readonly group: Pick<Group, 'restart'>;
  /** Serves the supervisor's own socket. */
  readonly serve: () => Promise<Server>;
  readonly say: (line: string) => void;
  readonly look_every_ms?: number;
}

/** Serves the supervisor's socket; when it is gone, that one and those of the roles are made again as soon as it can be. */
export async function watchSockets(
  config: Config,
  { group, serve, say, look_every_ms = LOOK_EVERY_MS }: WatchOptions,
): Promise<{ close(): void }> {
  let control = await serve();
  let problem = '';
  const timer = setInterval(() => void look(), look_every_ms);

  async function look(): Promise<void> {
    if (existsSync(join(config.run_folder, 'supervisor.sock'))) return;
    try {
      close(control); // closing unlinks its path: before the next one is there
      prepareFolders(config);
      control = await serve();
      for (const role of ['broker', 'server', 'worker'] as const) group.restart(role);
      say(`The sockets in ${config.run_folder} were gone: made again, roles restarted.`);
      problem = '';
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== problem) say(`The sockets are gone, and cannot be made again yet: ${(problem = why)}`);
    }
  }

  return {
    close() {
      clearInterval(timer);
      close(control);
    },
  };
}

function close(server: Server): void {
  server.close();
  server.closeAllConnections();
}
