import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces, hostname } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DENIED, numberOf } from '../../../src/sandbox/isolation/seccomp/syscalls.ts';
import { NETWORK_PROBE } from './network-probe.ts';
import { aPlace, aRequest, type Place } from './place.ts';

let place: Place;
let open: Place;
beforeEach(() => {
  place = aPlace();
  open = aPlace('none');
});
afterEach(() => {
  place.remove();
  open.remove();
});

describe('from inside', () => {
  it('nothing on the host or beyond is reached, and all of it is without a sandbox', async () => {
    const host = await listeners(open.home);
    const inside = await reachFrom(place, host.targets);
    const heardInside = host.heard();
    const bare = await reachFrom(open, host.targets);
    const heardBare = host.heard();
    await host.close();

    expect(Object.values(bare).filter((word) => !['reached', 'sent', 'resolved'].includes(word))).toEqual([]);
    expect(heardBare.toSorted()).toEqual(
      Object.keys(host.targets)
        .filter((name) => name !== 'lookup')
        .toSorted(),
    );
    expect(Object.values(inside).filter((word) => ['reached', 'resolved'].includes(word))).toEqual([]);
    expect(heardInside).toEqual([]);
  });

  it('no right is held, none can be gained, and the filter is on', async () => {
    const { out } = await place.run('cat /proc/self/status; id -u; id -un');
    expect(out).toMatch(/CapEff:\t0{16}\n/);
    expect(out).toMatch(/CapBnd:\t0{16}\n/);
    expect(out).toMatch(/NoNewPrivs:\t1\n/);
    expect(out).toMatch(/Seccomp:\t2\n/);
    expect(out).toMatch(/1000\nagent\n$/);
  });

  it('no process of the host shows, and the first one tells nothing of the launcher', async () => {
    const victim = spawn('sleep', ['987'], { stdio: 'ignore' });
    try {
      const script = (await readFrom('/proc/1/environ')) + (await readFrom('/proc/1/cmdline'));
      expect(script).not.toContain(place.home);
      expect(script).not.toContain('TACK_');
      const pid = String(victim.pid);
      const ran = await place.run('ls /proc | grep -c "^[0-9]"; kill -9 $PID; cat /proc/$PID/comm', {
        env: { PID: pid },
      });
      expect(Number(ran.out)).toBeLessThan(8);
      expect(ran.err).toContain('No such process');
      expect(victim.signalCode).toBe(null);
      expect((await open.run(`cat /proc/${pid}/comm`)).out).toBe('sleep\n');
    } finally {
      victim.kill();
    }
  });

  it('a canary of the worker is in no environment, command line, descriptor or file', async () => {
    const canary = `canary-${Math.random().toString(36).slice(2)}`;
    const secret = join(place.home, canary);
    writeFileSync(secret, canary);
    const stdio = ['ignore', openSync(secret, 'r'), 'ignore'] as const;
    const holder = spawn('sleep', ['986'], { env: { ...process.env, CANARY: canary }, stdio: [...stdio] });
    // the needle goes in encoded, and grep reads it from a file: neither finds itself
    const search = `echo $NEEDLE | base64 -d > /tmp/needle-$$
      cat /proc/*/environ /proc/*/cmdline 2>/dev/null | grep -acFf /tmp/needle-$$
      ls -l /proc/*/fd 2>/dev/null | grep -cFf /tmp/needle-$$
      grep -rlsFf /tmp/needle-$$ /home /run /etc /dev/shm $SECRET | grep -c .
      rm /tmp/needle-$$`;
    const env = { NEEDLE: Buffer.from(canary).toString('base64'), SECRET: place.home };
    const inside = await place.run(search, { env });
    const bare = await open.run(search.replace('/home /run /etc /dev/shm', ''), { env });
    holder.kill();
    closeSync(stdio[1]);
    expect(inside.out).toBe('0\n0\n0\n');
    expect(bare.out).toMatch(/^[1-9]\d*\n[1-9]\d*\n1\n$/);
  });

  it('files of the host are absent: accounts, keys, other sessions', async () => {
    const other = join(place.home, 'sessions/ses_2/work');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'theirs'), 'x');
    const paths = [
      '/etc/shadow',
      '/etc/resolv.conf',
      '/root',
      '/var',
      '/etc/ssh',
      '/sys',
      join(other, 'theirs'),
      place.home,
    ];
    const { out } = await place.run(
      `for p in ${paths.join(' ')}; do [ -e $p ] && echo "there: $p"; done; cat /etc/passwd`,
    );
    expect(out).not.toContain('there:');
    expect(out.split('\n').length).toBe(4);
    expect((await open.run(`[ -e ${join(other, 'theirs')} ] && echo there`)).out).toBe('there\n');
  });

  it('only home, work, out and tmp can be written', async () => {
    const script = `for d in / /usr /etc /var /run /run/tack /opt /opt/tackroom /home /proc/sys/kernel /dev; do
        touch $d/x 2>/dev/null && echo "wrote $d"; done
      for d in ~ ~/work ~/out /tmp /dev/shm; do touch $d/x || echo "refused $d"; done
      echo 1 > /proc/sys/vm/swappiness && echo "wrote swappiness"
      echo x > /proc/sys/kernel/core_pattern && echo "wrote core_pattern"`;
    const { out } = await place.run(script);
    expect(out).toBe('');
  });

  it('no setuid file can be made', async () => {
    const script = 'cp /bin/true t; chmod 4755 t; install -m 4755 /bin/true u; chmod 2755 t; stat -c %a t u';
    const { out } = await place.run(script);
    expect(out).not.toMatch(/^[2467]\d{3}$/m);
    expect((await open.run(script)).out).toMatch(/^[246]755$/m);
  });

  it('calls into the kernel that the filter names are refused by it', async () => {
    const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
    const numbers = Object.values(DENIED)
      .map((pair) => numberOf(pair, architecture))
      .filter((number) => number >= 0);
    const script = (list: readonly number[]): string =>
      `perl -e 'for (@ARGV) { $! = 0; syscall($_, 0, 0, 0, 0, 0, 0); print 0 + $!, "\\n" }' ${list.join(' ')}`;
    const { out } = await place.run(script(numbers));
    expect(out.trim().split('\n')).toEqual(numbers.map(() => '1'));
    const harmless = [DENIED.ptrace, DENIED.pidfd_getfd].map((pair) => numberOf(pair, architecture));
    expect((await open.run(script(harmless))).out.trim().split('\n')).not.toContain('1');
  });

  it('nobody speaks to a command through its standard input but who launched it', async () => {
    const running = await place.sandbox.launch({
      ...aRequest(place.folders),
      argv: ['bash', '-c', '(echo injected > /proc/$$/fd/0) 2>&1; read -r line; echo "heard $line"'],
    });
    running.stdin.end('from the launcher\n');
    const out = await text(running.stdout);
    expect(out).toContain('No such device or address');
    expect(out).toContain('heard from the launcher');
  });

  it('no further namespace can be made', async () => {
    const { out, err } = await place.run('unshare -Ur true && echo made; bwrap --ro-bind / / true && echo nested');
    expect(out).toBe('');
    expect(err).toContain('Operation not permitted');
  });
});

describe('a worker that inherited open files', () => {
  it('hands none of them to the command, though its plain children get them', async () => {
    const secret = join(place.home, 'secret');
    writeFileSync(secret, 'canary-in-a-file');
    const program = fileURLToPath(new URL('./worker-program.ts', import.meta.url));
    const request = {
      ...aRequest(place.folders),
      argv: ['bash', '-c', 'cat <&20; cat <&77; ls /proc/self/fd | wc -l'],
    };
    const words = 'exec 20<"$1" 77<"$1"; shift; exec "$@"';
    const argv = [process.execPath, program, 'print', JSON.stringify(request)];
    const done = spawnSync('bash', ['-c', words, 'x', secret, ...argv], { encoding: 'utf8' });
    expect(done.stdout).toBe('4\n');
    const control = `require('child_process').spawnSync('bash', ['-c', 'cat <&77'], { stdio: 'inherit' })`;
    const leaked = spawnSync('bash', ['-c', words, 'x', secret, process.execPath, '-e', control], { encoding: 'utf8' });
    expect(leaked.stdout).toBe('canary-in-a-file');
  });
});

const readFrom = async (path: string): Promise<string> => (await place.run('', { argv: ['cat', path] })).out;

interface Targets {
  readonly [name: string]:
    | { readonly tcp: { host: string; port: number } }
    | { readonly unix: string }
    | { readonly udp: { type: string; host: string; port: number } }
    | { readonly lookup: string };
}

async function reachFrom(from: Place, targets: Targets): Promise<Record<string, string>> {
  const argv = ['/opt/tackroom/bin/node', '-e', NETWORK_PROBE, JSON.stringify(targets)];
  const ran = await from.run('', { argv });
  expect(ran).toMatchObject({ err: '', code: 0 });
  return JSON.parse(ran.out) as Record<string, string>;
}

/** Listeners on the host that say who was reached: the oracle outside. */
async function listeners(folder: string): Promise<{ targets: Targets; heard(): string[]; close(): Promise<void> }> {
  let heard: string[] = [];
  const servers: Server[] = [];
  const listen = async (name: string, where: { host: string; port: number } | { path: string }): Promise<Server> => {
    const server = createServer((socket) => {
      heard.push(name);
      socket.on('error', () => {}).destroy();
    });
    servers.push(server.listen(where));
    await once(server, 'listening');
    return server;
  };
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const address = own.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.2';
  const hosts = { v4: '127.0.0.1', v6: '::1', address };
  const tcp = await Promise.all(
    Object.entries(hosts).map(async ([name, host]) => {
      const { port } = (await listen(name, { host, port: 0 })).address() as AddressInfo;
      return [name, { tcp: { host, port } }] as const;
    }),
  );
  const path = join(folder, 'host.sock');
  const abstract = `\0tack-test-${process.pid}`;
  await listen('path', { path });
  await listen('abstract', { path: abstract });
  // port 53 where it is free and we may; the wall does not know the number
  const udp = createSocket('udp4').on('message', () => heard.push('udp'));
  await new Promise<void>((resolve) => {
    udp.once('error', () => udp.bind(0, '127.0.0.1', resolve));
    udp.bind(53, '127.0.0.1', resolve);
  });
  return {
    targets: {
      ...Object.fromEntries(tcp),
      path: { unix: path },
      abstract: { unix: abstract },
      udp: { udp: { type: 'udp4', host: '127.0.0.1', port: udp.address().port } },
      lookup: { lookup: hostname() },
    },
    heard: () => heard.splice(0),
    close: async () => {
      udp.close();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      heard = [];
    },
  };
}
