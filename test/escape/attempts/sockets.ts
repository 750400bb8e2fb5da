/** S: whoever listens on the host. */
import { mkdirSync, rmSync } from 'node:fs';
import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { lastLine, type Attempt, type Outcome, type Side } from '../attempt.ts';

/** Connects, and prints what it hears. */
const HEAR = `use Socket; socket(my $s, 1, 1, 0) or die "socket: $!\\n"; my $p = $ENV{WHERE}; $p =~ s/^@/\\0/;
connect($s, pack("S a*", 1, $p)) or die "connect: $!\\n"; sysread($s, my $b, 200); print $b`;

async function hear(side: Side, where: string, more: Parameters<Side['sh']>[1] = {}): Promise<Outcome> {
  side.host.heard();
  const { out, err } = await side.sh('perl -e "$HEAR"', { ...more, env: { HEAR, WHERE: where } });
  const heard = side.host.heard().length > 0;
  return { through: heard || out.includes(side.host.canary), saw: heard ? 'the host was reached' : lastLine(err) };
}

export const SOCKETS: readonly Attempt[] = [
  {
    id: 'S1',
    attempt: 'connect to a socket like a container engine’s by its path',
    expected: 'there is no such path',
    run: (side) => hear(side, side.host.sockets.path),
  },
  {
    id: 'S2',
    attempt: 'connect to a socket of the host that has no path (abstract)',
    expected: 'refused: another network',
    run: (side) => hear(side, side.host.sockets.abstract.replace('\0', '@')),
  },
  ...(['work', 'home', 'out'] as const).map((folder): Attempt => ({
    id: 'S3',
    attempt: `connect to a program of the host that listens in the session’s own ${folder}`,
    expected: 'covered by an empty file',
    async run(side) {
      const inner = join(side.place.folders[folder], 'deep/er');
      mkdirSync(inner, { recursive: true });
      const close = await side.host.listen(join(inner, 'dev.sock'));
      chownSync(join(inner, 'dev.sock'), side.place.sandbox.uid, side.place.sandbox.uid);
      const seen =
        side.kind === 'inside'
          ? { work: side.work, home: side.home, out: '/home/agent/out' }[folder]
          : side.place.folders[folder];
      try {
        return await hear(side, `${seen}/deep/er/dev.sock`);
      } finally {
        close();
      }
    },
  })),
  {
    id: 'S4',
    attempt: 'reach the next session through the path of an ended session’s socket',
    expected: 'the folder that it holds is gone',
    async run(side) {
      const dir = join(side.place.home, 'e');
      const { uid } = side.place.sandbox;
      const open = async () => {
        mkdirSync(dir);
        const close = await side.host.listen(join(dir, 'e.sock'));
        for (const path of [dir, join(dir, 'e.sock')]) chownSync(path, uid, uid);
        return close;
      };
      const first = await open();
      const D = side.kind === 'inside' ? '/run/tack' : dir;
      const more = side.kind === 'inside' ? { more: { endpoint_dir: dir } } : {};
      // a process of the first session goes on while the second one opens at the same path
      const script =
        'cd "$D"; echo ready; while [ ! -e ~/go ]; do sleep 0.02; done; perl -e "$HEAR"; cd /; WHERE="$D/e.sock" perl -e "$HEAR"';
      const left = await side.start(script, { ...more, env: { D, HEAR, WHERE: 'e.sock' } });
      first();
      rmSync(dir, { recursive: true });
      const second = await open();
      side.host.heard();
      mkdirSync(join(side.place.folders.home, 'go'));
      const { err } = await left.ran;
      await left.end();
      second();
      const heard = side.host.heard().length > 0;
      return { through: heard, saw: heard ? 'the second was reached' : lastLine(err) };
    },
  },
];
