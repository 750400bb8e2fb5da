/** A session that uses up what it may: what it ran ends, the log says why, the turn goes on, and so does everybody else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IS_ROOT, makeOrdinaryUser, ONLY_ROOT, type OrdinaryUser } from '../support/ordinary-user.ts';
import { scripted, shell, startSession, type TestSession } from '../support/session.ts';
import { openRoom, type Room } from '../support/tackroom.ts';

const LIMITS = { memory_bytes: 600_000_000, processes: 60, disk_bytes: 20_000_000, open_files: 100, cpu_seconds: 120 };
/** Ten processes of 150 MB, for as long as they may. */
const MEMORY = `perl -e 'for (1..10) { my $p = fork; if (!$p) { my $s = "x"; $s x= 150_000_000; sleep 5; exit } } wait for 1..10; print "all ended\\n"'`;
const DISK = `perl -e 'for my $n (1..4000) { open my $f, ">", "f$n" or die; print $f "x" x 1_000_000; close $f; select(undef, undef, undef, 0.05) }'`;
const FORKS = `perl -e 'my $n = 0; for (1..300) { my $p = fork; last unless defined $p; if (!$p) { sleep 60; exit } push @p, $p } print scalar(@p), "\\n"; kill 9, @p' > forks.txt`;
/** Within the limits. */
const ORDINARY =
  'perl -e \'my $s = "x"; $s x= 100_000_000; print length $s\' > ordinary.txt; head -c 5000000 /dev/zero > file';

describe.runIf(IS_ROOT)(`limits in a room of root${ONLY_ROOT}`, () => {
  limits('root');
});
describe('limits in a room of an ordinary user', () => {
  limits('an ordinary user');
});

function limits(who: 'root' | 'an ordinary user'): void {
  let user: OrdinaryUser | undefined;
  let room: Room;
  beforeAll(async () => {
    user = IS_ROOT && who !== 'root' ? makeOrdinaryUser() : undefined;
    room = openRoom({}, user);
    await room.up();
  });
  afterAll(async () => {
    await room?.close();
    await user?.close();
  });

  const warned = async (session: TestSession) =>
    (await session.log()).filter(({ type }) => type === 'harness.warned').map(({ data }) => data);
  const written = (session: TestSession, file: string) =>
    readFileSync(join(room.workOf(session.id), file), 'utf8').trim();

  it(
    'ends what is over a limit, says which one, and finishes its turn; another session meets none',
    { timeout: 600_000 },
    async () => {
      const agent = {
        ...scripted([
          shell(MEMORY),
          shell(DISK),
          shell('rm -f f*'),
          shell(FORKS),
          shell(ORDINARY),
          { say: 'Still here.' },
        ]),
        limits: LIMITS,
      };
      const [greedy, other] = await Promise.all([
        startSession(room, agent),
        startSession(room, { ...scripted([shell(ORDINARY), { say: 'Nothing happened.' }]), limits: LIMITS }),
      ]);
      expect((await other.ended()).type).toBe('turn.completed');
      expect(await warned(other)).toEqual([]);
      expect([written(other, 'ordinary.txt'), await other.words()]).toEqual(['100000000', ['Nothing happened.']]);

      expect((await greedy.ended()).type).toBe('turn.completed');
      expect(await greedy.words()).toEqual(['Still here.']);
      const said = await warned(greedy);
      expect(said[0]).toMatchObject({
        code: 'limit_memory',
        text: expect.stringMatching(/600 MB allowed: ended perl\.$/) as string,
      });
      expect(said.find(({ code }) => code === 'limit_disk')).toMatchObject({
        text: expect.stringMatching(/20 MB allowed: ended .*perl/) as string,
      });
      expect(Number(written(greedy, 'forks.txt'))).toBeLessThan(60);
      expect(Number(written(greedy, 'forks.txt'))).toBeGreaterThan(20);
      expect(written(greedy, 'ordinary.txt')).toBe('100000000');
    },
  );

  it('refuses limits that nothing could run in, and names the place', async () => {
    const answer = await room.api('POST', '/v1/sessions', {
      agent: { ...scripted([{ say: 'x' }]), limits: { memory_bytes: 1, processes: 2 } },
    });
    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).toMatch(/limits.*memory_bytes/);
  });
}
