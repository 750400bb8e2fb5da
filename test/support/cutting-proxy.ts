/** A TCP proxy that cuts connections: what a bad network does to a stream. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly url: string;
  /** How many connections it cut. */
  cuts(): number;
  /** From now on it lets everything pass. */
  heal(): void;
  close(): Promise<void>;
}

/** Cuts each connection after `bytesUntilCut()` bytes from the server, in the middle of whatever is said. */
export async function cuttingProxy(port: number, bytesUntilCut: () => number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let cuts = 0;
  let healed = false;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let left = bytesUntilCut();
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      if (healed) return void client.write(chunk);
      if (chunk.length <= left) {
        left -= chunk.length;
        return void client.write(chunk);
      }
      cuts += 1;
      client.write(chunk.subarray(0, left), () => client.resetAndDestroy());
      left = 0;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    heal: () => void (healed = true),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
