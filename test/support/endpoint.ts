/** A way out of a sandbox to one HTTP server, as the broker gives one: `e.sock` in a folder of its own. */
import { chmodSync, chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function endpointTo(url: string, uid: number): Promise<{ readonly dir: string; close(): Promise<void> }> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'tack-e-')));
  const { port, hostname } = new URL(url);
  const open = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = connect(Number(port), hostname);
    for (const end of [inside, outside]) {
      open.add(end);
      end.on('error', () => undefined).on('close', () => (inside.destroy(), outside.destroy(), open.delete(end)));
    }
    inside.pipe(outside).pipe(inside);
  });
  server.listen(join(dir, 'e.sock'));
  await once(server, 'listening');
  for (const path of [dir, join(dir, 'e.sock')]) {
    chownSync(path, uid, uid);
    chmodSync(path, 0o700);
  }
  return {
    dir,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
