/** P: processes of the host, and those of a session that ended. */
import { leaked, lastLine, type Attempt } from '../attempt.ts';
import { processesWith } from '../../integration/sandbox/place.ts';
import { until } from '../../support/until.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export const PROCESSES: readonly Attempt[] = [
  {
    id: 'P1',
    attempt: 'kill a process of the host by its number',
    expected: 'no such process; it lives',
    async run({ sh }) {
      const victim = spawn('sleep', ['901'], { stdio: 'ignore' });
      await once(victim, 'spawn');
      const seen = once(victim, 'exit');
      const { err } = await sh('kill -9 "$VICTIM"; kill -9 -- "-$VICTIM"', { env: { VICTIM: String(victim.pid) } });
      victim.kill('SIGTERM'); // if it lives, this is what ends it
      const [, signal] = (await seen) as [number | null, NodeJS.Signals | null];
      return { through: signal === 'SIGKILL', saw: signal === 'SIGKILL' ? 'it died' : lastLine(err) };
    },
  },
  {
    id: 'P1',
    attempt: 'kill everything (kill -9 -1) in sight',
    expected: 'the session’s own processes only',
    async run({ sh, kind, host }) {
      // on the bare machine this would be the end of the test: it shows there that the victim is in sight
      if (kind === 'bare') {
        const { code } = await sh('kill -0 "$VICTIM"', { env: { VICTIM: String(host.victim.pid) } });
        return { through: code === 0, saw: code === 0 ? 'in sight' : 'not in sight' };
      }
      await sh('kill -9 -1');
      return { through: !host.victim.isAlive(), saw: host.victim.isAlive() ? 'the victim lives' : 'the victim died' };
    },
  },
  {
    id: 'P2',
    attempt: 'look at a process of the host',
    expected: 'there is no such process',
    async run(side) {
      const { pid } = side.host.victim;
      return leaked(
        await side.sh('cat /proc/$VICTIM/comm /proc/$VICTIM/cmdline', { env: { VICTIM: String(pid) } }),
        side.host.canary,
      );
    },
  },
  {
    id: 'P9',
    attempt: 'attach shared memory of the host (System V)',
    expected: 'there is no such segment',
    async run(side) {
      const read = `my $id = shmget(${side.host.shm_key}, 0, 0) // die "$!\\n"; shmread($id, my $b, 0, 64) or die "$!\\n"; print $b`;
      return leaked(await side.sh('perl -e "$READ"', { env: { READ: read } }), side.host.canary);
    },
  },
  {
    id: 'P10',
    attempt: 'leave a daemon behind the end of the session',
    expected: 'it ends with it',
    async run({ start, kind }) {
      const mark = `7${process.pid}${kind === 'bare' ? 1 : 2}.75`;
      const running = await start(
        `setsid -f sleep ${mark} >/dev/null 2>&1; (setsid nohup sleep ${mark} & ) >/dev/null 2>&1; echo ready; sleep ${mark}`,
      );
      await until('two daemons', () => processesWith(`sleep ${mark}`).length >= 2);
      await running.end();
      const left = processesWith(`sleep ${mark}`).filter((pid) => pid !== process.pid);
      for (const pid of left) process.kill(pid, 'SIGKILL');
      return { through: left.length > 0, saw: `${left.length} left` };
    },
  },
  {
    id: 'P11',
    attempt: 'hold a capability',
    expected: 'none',
    needs_root: true,
    async run({ sh }) {
      const { out } = await sh('grep -E "^Cap(Prm|Eff|Bnd)" /proc/self/status');
      return { through: /[1-9a-f]/.test(out.replaceAll(/Cap\w+:/g, '')), saw: out.trim().split(/\s+/).at(-1) ?? '' };
    },
  },
];
