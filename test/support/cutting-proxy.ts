/** A TCP proxy that cuts connections: what a bad network does to a stream. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly url: string;
  /** How many connections it cut. */
  cuts(): number;
  /** Everything that the server said on each connection that was cut, up to the cut. */
  passed(): readonly Buffer[];
  /** From now on it lets everything pass. */
  heal(): void;
  close(): Promise<void>;
}

/**
 * Cuts each connection after `bytesUntilCut()` bytes from the server, in the middle of whatever is said: in turn by a reset and by an
 * end that looks orderly. A function as `port` is asked for each connection: a restarted server may have another one.
 */
export async function cuttingProxy(port: number | (() => number), bytesUntilCut: () => number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  const cut: Buffer[] = [];
  let healed = false;
  const server = createServer((client) => {
    const upstream = connect(typeof port === 'number' ? port : port(), '127.0.0.1');
    const passed: Buffer[] = [];
    let left = bytesUntilCut();
    let isCut = false;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        if (!isCut) client.destroy(); // a cut one still says what it was given
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      if (isCut) return;
      if (healed) return void client.write(chunk);
      passed.push(chunk.subarray(0, left));
      if (chunk.length <= left) {
        left -= chunk.length;
        return void client.write(chunk);
      }
      isCut = true;
      cut.push(Buffer.concat(passed));
      const end = cut.length % 2 === 0 ? () => client.destroySoon() : () => client.resetAndDestroy();
      client.write(chunk.subarray(0, left), end);
      upstream.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cut.length,
    passed: () => cut,
    heal: () => void (healed = true),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
