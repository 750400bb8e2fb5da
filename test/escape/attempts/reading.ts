/** R: what belongs to the person, to root or to another session. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leaked, type Attempt, type Side } from '../attempt.ts';

/** Lays a canary into a file of the host that the session does not own, readable for everybody who gets there. */
export function hide({ place, host }: Side, path: string): string {
  const file = join(place.home, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `${host.canary}\n`);
  return file;
}

export const READING: readonly Attempt[] = [
  {
    id: 'R1',
    attempt: 'read the ssh key of the person',
    expected: 'there is no such file',
    async run(side) {
      const KEY = hide(side, '.ssh/id_ed25519');
      return leaked(
        await side.sh('cat "$KEY" ~/.ssh/* /root/.ssh/* /home/*/.ssh/*', { env: { KEY } }),
        side.host.canary,
      );
    },
  },
  {
    id: 'R2',
    attempt: 'read /etc/shadow',
    expected: 'there is no such file',
    needs_root: true,
    run: async (side) => leaked(await side.sh('cat /etc/shadow'), 'root:'),
  },
  {
    id: 'R2',
    attempt: 'read the accounts of the machine',
    expected: 'three accounts of the sandbox’s own',
    run: async (side) => leaked(await side.sh('cat /etc/passwd /etc/passwd- /etc/group'), 'daemon:'),
  },
  {
    id: 'R3',
    attempt: 'read environment and words of every process',
    expected: 'only the session’s own processes',
    run: async (side) => leaked(await side.sh('cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline'), side.host.canary),
  },
  {
    id: 'R4',
    attempt: 'print the environment',
    expected: 'nothing of the worker’s',
    async run(side) {
      process.env['TACK_ESCAPE_CANARY'] = side.host.canary;
      try {
        return leaked(await side.sh('env; cat /proc/self/environ /proc/$PPID/environ'), side.host.canary);
      } finally {
        delete process.env['TACK_ESCAPE_CANARY'];
      }
    },
  },
  {
    id: 'R5',
    attempt: 'read the worktree of another session by its path',
    expected: 'there is no such path',
    async run(side) {
      const OTHER = hide(side, 'sessions/ses_2/work/theirs.txt');
      return leaked(
        await side.sh('cat "$OTHER" ../../ses_2/work/*; find /home /run /opt /mnt -name theirs.txt', {
          env: { OTHER },
        }),
        side.host.canary,
      );
    },
  },
  {
    id: 'R6',
    attempt: 'follow a symlink in the worktree to a file of the host',
    expected: 'it leads nowhere',
    async run(side) {
      symlinkSync(hide(side, 'secret'), join(side.place.folders.work, 'link'));
      symlinkSync('../../../secret', join(side.place.folders.work, 'other'));
      return leaked(await side.sh('cat link other'), side.host.canary);
    },
  },
  {
    id: 'R7',
    attempt: 'go through root, cwd and descriptors of processes in /proc',
    expected: 'the sandbox’s own root only',
    async run(side) {
      const SECRET = hide(side, 'secret');
      const script = `for p in 1 self $PPID $VICTIM; do cat /proc/$p/root/$SECRET /proc/$p/cwd/held /proc/$p/cwd/../*/held /proc/$p/fd/3; done`;
      return leaked(await side.sh(script, { env: { SECRET, VICTIM: String(side.host.victim.pid) } }), side.host.canary);
    },
  },
];
