/** What is held as a whole: the watchdog, and the control groups of this machine as far as it has them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCgroup, sweepCgroups } from '../../../src/sandbox/limits/cgroup.ts';
import type { LimitHit } from '../../../src/sandbox/index.ts';
import { until } from '../../support/until.ts';
import { aPlace, aRequest, type Place } from './place.ts';

describe('a sandbox that uses up what it may', () => {
  let place: Place;
  let other: Place;
  beforeEach(() => {
    place = aPlace();
    other = aPlace();
  });
  afterEach(() => {
    place.remove();
    other.remove();
  });

  const HOG = `perl -e 'my $s = "x"; $s x= 40_000_000; sleep 600'`;

  it('loses its largest process and goes on; it says so, and a neighbour of the same worker notices nothing', async () => {
    const hits: LimitHit[] = [];
    const neighbour = await other.sandbox.launch({
      ...aRequest(other.folders),
      argv: ['bash', '-c', `${HOG} & read -r; jobs -r`],
    });
    const ran = await place.run(`${HOG} & ${HOG} & wait -n; echo "ended with $?"; kill %1 %2 2>/dev/null; echo on`, {
      limits: { memory_bytes: 64_000_000 },
      onLimit: (hit) => hits.push(hit),
    });
    expect(ran.out).toBe('ended with 137\non\n');
    expect(hits).toEqual([
      {
        limit: 'memory',
        text: expect.stringMatching(/^\d+ MB of memory in use, 64 MB allowed: ended perl\.$/) as string,
      },
    ]);
    const lines = createInterface(neighbour.stdout)[Symbol.asyncIterator]();
    neighbour.stdin.write('\n');
    expect((await lines.next()).value).toContain('Running');
    await neighbour.kill();
  });

  it('is ended as a whole when the command itself is what is too large', async () => {
    const hits: LimitHit[] = [];
    const script = 'for n in 1 2 3 4 5 6 7 8; do head -c 20000000 /dev/zero > /tmp/$n; done; sleep 600';
    const ran = await place.run(script, { limits: { memory_bytes: 64_000_000 }, onLimit: (hit) => hits.push(hit) });
    expect(ran.code).not.toBe(0);
    expect(hits.map(({ limit, text }) => [limit, text.endsWith('ended.')])).toEqual([['memory', true]]);
  });

  it('may remove files above its limit of the disk, and what was there before is not counted', async () => {
    writeFileSync(`${place.folders.work}/before`, Buffer.alloc(30_000_000, 'x'));
    const hits: LimitHit[] = [];
    const first = await place.run(
      `perl -e 'for my $n (1..1200) { open my $f, ">", "f$n" or die; print $f "x" x 1_000_000; close $f; select(undef, undef, undef, 0.05) }'; echo "code $?"; rm -f f*; sleep 2; ls`,
      { limits: { disk_bytes: 20_000_000 }, onLimit: (hit) => hits.push(hit) },
    );
    expect(first.out).toBe('code 137\nbefore\n');
    expect(hits[0]).toMatchObject({ limit: 'disk' });
    const second = await place.run('head -c 15000000 /dev/zero > g; sleep 2; ls', {
      limits: { disk_bytes: 20_000_000 },
      onLimit: (hit) => hits.push(hit),
    });
    expect([second.out, hits.length]).toEqual(['before\ng\n', 1]);
  });
});

/** The hierarchy of version 2, where this machine lets us make groups in it; controllers or not. */
const V2 = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/self/mounts', 'utf8'))?.[1];
const MAY = V2 !== undefined && mayMake(V2);
const WHY = MAY ? '' : ' (not run: no control group of version 2 may be made here)';

function mayMake(folder: string): boolean {
  try {
    mkdirSync(`${folder}/tack-trial-${process.pid}`);
    rmdirSync(`${folder}/tack-trial-${process.pid}`);
    return true;
  } catch {
    return false;
  }
}

describe.runIf(MAY)(`a control group of a launch${WHY}`, () => {
  it('holds what is launched in it, and ends every process of it', async () => {
    const { words, remove } = makeCgroup({ folder: V2 as string }, { memory_bytes: 64_000_000, processes: 50 });
    const path = words.at(-1) as string;
    const [file, ...args] = [...words, 'bash', '-c', 'setsid -f sleep 600; sleep 600'];
    const child = spawn(file as string, args, { stdio: 'ignore' });
    await until('both in it', () => readFileSync(`${path}/cgroup.procs`, 'utf8').trim().split('\n').length >= 2);
    const ended = once(child, 'exit');
    await remove();
    expect((await ended)[1]).toBe('SIGKILL');
    expect(existsSync(path)).toBe(false);
  });

  it('of a worker that is gone is swept by the next one, and no other', async () => {
    const dead = `tack-999999999-1`;
    mkdirSync(`${V2}/${dead}`);
    const { words, remove } = makeCgroup({ folder: V2 as string }, { memory_bytes: 64_000_000, processes: 50 });
    const mine = (words.at(-1) as string).split('/').at(-1);
    const swept = await sweepCgroups({ folder: V2 as string }, (pid) => pid !== 999_999_999);
    expect(swept).toContain(dead);
    expect(readdirSync(V2 as string)).toContain(mine);
    expect(readdirSync(V2 as string)).not.toContain(dead);
    await remove();
  });
});
