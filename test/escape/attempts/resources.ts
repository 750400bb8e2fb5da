/** X: using up the machine. The limits are small, and the same for each try. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { processesWith } from '../../integration/sandbox/place.ts';
import { lastLine, type Attempt, type Outcome } from '../attempt.ts';

const LIMITS = { memory_bytes: 64_000_000, processes: 50, disk_bytes: 20_000_000, open_files: 100, cpu_s: 1 } as const;
const { cpu_s: _cpu, ...NO_CPU } = LIMITS;

/** Through when it came to its end. */
const finishes =
  (script: string, limits: typeof NO_CPU | typeof LIMITS = NO_CPU): Attempt['run'] =>
  async ({ sh, kind }): Promise<Outcome> => {
    // what is only looked at now and then gets the time that a busy machine takes
    const { out, err, code } = await sh(script, { limits, env: { FILES: kind === 'bare' ? '40' : '1200' } });
    const through = out.includes('finished');
    return { through, saw: through ? 'it finished' : `${lastLine(out)} ${lastLine(err)} exit ${code}`.trim() };
  };

export const RESOURCES: readonly Attempt[] = [
  {
    id: 'X1',
    attempt: 'start 120 processes (50 are allowed)',
    expected: 'no more than 50',
    async run({ start, kind }) {
      const mark = `8${process.pid}${kind === 'bare' ? 1 : 2}.25`;
      const running = await start(
        `perl -e '$| = 1; for (1..120) { my $p = fork; last unless defined $p; exec "sleep", "${mark}" unless $p }
        select(undef, undef, undef, 0.3); print "ready\\n"; sleep 60'`,
        { limits: NO_CPU },
      );
      const there = processesWith(`sleep ${mark}`);
      await running.end();
      if (kind === 'bare') for (const pid of there) process.kill(pid, 'SIGKILL');
      return { through: there.length > LIMITS.processes, saw: `${there.length} seen` };
    },
  },
  {
    id: 'X2',
    attempt: 'write one file of 60 MB (20 are allowed)',
    expected: 'ends at 20 MB',
    async run({ sh, place }) {
      const { err } = await sh('head -c 60000000 /dev/zero > big', { limits: NO_CPU });
      const size = lstatSync(join(place.folders.work, 'big')).size;
      return { through: size > LIMITS.disk_bytes, saw: `${size} bytes, ${lastLine(err)}` };
    },
  },
  ...['work', 'home', 'out'].map((where): Attempt => ({
    id: 'X2',
    attempt: `write many small files into ${where} (20 MB are allowed in all)`,
    expected: 'the writer is ended; the session goes on',
    run: finishes(
      `cd ${where === 'home' ? '~' : where === 'work' ? '.' : '../out'}
        perl -e 'for my $n (1..$ENV{FILES}) { open my $f, ">", "f$n" or die; print $f "x" x 1_000_000; close $f; select(undef, undef, undef, 0.05) } print "finished\\n"'; true`,
    ),
  })),
  {
    id: 'X3',
    attempt: 'hold 200 MB in one process (64 are allowed)',
    expected: 'ended',
    run: finishes(`perl -e 'my $s = "x"; $s x= 200_000_000; select(undef, undef, undef, 2); print "finished\\n"'`),
  },
  {
    id: 'X3',
    attempt: 'hold 200 MB in eight processes (64 are allowed in all)',
    expected: 'the largest are ended',
    run: finishes(`perl -e 'my @all; for (1..8) { my $p = fork; if (!$p) { my $s = "x"; $s x= 25_000_000; sleep 60; exit } push @all, $p }
      select(undef, undef, undef, 3); my $left = grep { kill(0, $_) && waitpid($_, 1) == 0 } @all; print "$left left\\n"; kill 9, @all; print "finished\\n" if $left * 25 > 100'`),
  },
  {
    id: 'X3',
    attempt: 'hold 150 MB in files in memory (64 are allowed in all)',
    expected: 'everything is ended',
    run: finishes(
      `d=$(mktemp -d); for n in 1 2 3 4 5 6 7 8 9 10; do head -c 15000000 /dev/zero > $d/$n || exit 1; sleep 0.2; done; sleep 1; rm -r $d; echo finished`,
    ),
  },
  {
    id: 'X4',
    attempt: 'open 300 files at once (100 are allowed)',
    expected: 'too many open files',
    run: finishes(
      `perl -e 'my @f; for (1..300) { open my $f, "<", "/dev/null" or die "$!\\n"; push @f, $f } print "finished\\n"'`,
    ),
  },
  {
    id: 'X5',
    attempt: 'compute for two seconds (one is allowed)',
    expected: 'ended by the kernel',
    run: finishes(`perl -e 'my $n = 0; 1 while ($n++ % 1000 || (times)[0] < 1.8); print "finished\\n"'`, LIMITS),
  },
  {
    id: 'X6',
    attempt: 'leave a core file',
    expected: 'the size is 0 and cannot be raised',
    async run({ sh }) {
      const { out, err } = await sh('ulimit -c unlimited; ulimit -c');
      return { through: lastLine(out) !== '0', saw: `${lastLine(out)} ${lastLine(err)}` };
    },
  },
];
