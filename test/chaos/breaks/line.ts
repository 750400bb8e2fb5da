/** A line to a server that can be cut for good, while both its ends live on. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export async function openLine(address: string): Promise<{ readonly address: string; cut(): void }> {
  const [hostname = '', port = ''] = address.split(':');
  const open = new Set<Socket>();
  const line = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const end of [near, far]) {
      open.add(end);
      end.on('error', () => undefined).on('close', () => (near.destroy(), far.destroy(), open.delete(end)));
    }
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  return {
    address: `127.0.0.1:${(line.address() as AddressInfo).port}`,
    cut() {
      line.close();
      for (const end of open) end.destroy();
    },
  };
}
