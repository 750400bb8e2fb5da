/** What listens on the host, on every kind of socket; it says who was heard: the oracle outside. */
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import type { Targets } from './reach-probe.ts';

export interface Listeners {
  readonly targets: Targets;
  /** Names of the targets that were reached since it was asked the last time; a look-up is heard by nobody. */
  heard(): readonly string[];
  close(): Promise<void>;
}

/** `folders`: where sockets with a path lie, by name. */
export async function listenEverywhere(folders: Readonly<Record<string, string>>): Promise<Listeners> {
  const heard = new Set<string>();
  const servers: Server[] = [];
  const datagrams: Datagrams[] = [];
  const listen = async (name: string, where: { host: string; port: number } | { path: string }) => {
    const server = createServer((socket) => (heard.add(name), socket.on('error', () => undefined).destroy()));
    servers.push(server.listen(where));
    await once(server, 'listening');
    return server.address() as AddressInfo;
  };
  const targets: Record<string, Targets[string]> = { getaddrinfo: { lookup: hostname() } };
  for (const [name, host] of Object.entries(addresses())) {
    targets[`tcp ${name}`] = { tcp: { host, port: (await listen(`tcp ${name}`, { host, port: 0 })).port } };
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    udp.on('message', (bytes, { port, address }) => (heard.add(`udp ${name}`), udp.send(bytes, port, address)));
    datagrams.push(udp);
    targets[`udp ${name}`] = { udp: { host, port: await bound(udp, host) } };
  }
  for (const [name, path] of Object.entries(folders)) {
    await listen(name, { path });
    chmodSync(path, 0o666);
    targets[name] = { unix: path };
  }
  const abstract = `\0tack-walls-${crypto.randomUUID()}`;
  await listen('an abstract socket', { path: abstract });
  targets['an abstract socket'] = { unix: abstract };
  return {
    targets,
    heard() {
      const names = [...heard].toSorted();
      heard.clear();
      return names;
    },
    async close() {
      for (const udp of datagrams) udp.close();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      for (const path of Object.values(folders)) rmSync(path, { force: true });
    },
  };
}

/** Loopback, and the host's own addresses where it has some. */
function addresses(): Readonly<Record<string, string>> {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const own = (family: string) =>
    all.find((one) => !one.internal && one.family === family && !one.address.startsWith('fe80:'))?.address;
  const pairs = {
    v4: '127.0.0.1',
    v6: all.some(({ address }) => address === '::1') ? '::1' : undefined,
    'address v4': own('IPv4'),
    'address v6': own('IPv6'),
  };
  return Object.fromEntries(
    Object.entries(pairs).flatMap(([name, host]) => (host === undefined ? [] : [[name, host] as const])),
  );
}

/** On port 53 where it is free and we may; the wall does not know the number. */
async function bound(udp: Datagrams, address: string): Promise<number> {
  const port = await new Promise<number>((resolve, reject) => {
    udp.once('error', () => udp.once('error', reject).bind({ address, port: 0 }, () => resolve(udp.address().port)));
    udp.bind({ address, port: 53 }, () => resolve(53));
  });
  udp.removeAllListeners('error').on('error', () => undefined); // whoever asked is gone
  return port;
}
