/** A store that others hold, move or break, and a clock that is set back: what cannot be kept is not accepted, what was accepted is done when the trouble is over. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isLong } from '../support/rounds.ts';
import { asks, scripted, shell, startSession, text, type TestSession } from '../support/session.ts';
import { openRoom } from '../support/tackroom.ts';
import { told, toldByApi } from '../support/told.ts';
import { until } from '../support/until.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tack-clock-'));
const clock = join(scratch, 'shift_ms');
const room = openRoom({
  TACK_TEST_CLOCK: clock,
  NODE_OPTIONS: `--import ${new URL('../support/shifted-clock.ts', import.meta.url).href}`,
});
const STORE = ['store.db', 'store.db-wal', 'store.db-shm'] as const;
const at = (name: string) => join(room.home, name);
let session: TestSession;

beforeAll(async () => {
  writeFileSync(clock, '0');
  await room.up();
  session = await startSession(room, scripted([shell('echo once >> effects.txt'), { say: 'Done.' }]));
  await session.ended();
});
afterAll(async () => {
  await room.close();
  rmSync(scratch, { recursive: true });
});
/** After every case the same session completes a turn, each turn did its work once, and the log is whole. */
afterEach(async () => {
  const { type } = await session.ended(await session.say('and again'));
  if (type !== 'turn.completed') throw new Error(`Its next turn ended with ${type}.`);
  const turns = (await session.log()).filter((event) => event.type === 'turn.completed').length;
  const effects = readFileSync(join(room.workOf(session.id), 'effects.txt'), 'utf8');
  if (effects !== 'once\n'.repeat(turns)) throw new Error(`${turns} turns have left ${effects}`);
  const { code, stdout, stderr } = await room.tack(['audit', 'verify']);
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
});
const post = (words: string) => room.api('POST', `/v1/sessions/${session.id}/messages`, { content: text(words) });

/** Another program that has the write lock, as its own process. */
async function lockHolder(): Promise<ChildProcess> {
  const words = `const { DatabaseSync } = require('node:sqlite'); const db = new DatabaseSync(process.argv[1]);
    db.exec('begin immediate'); console.log('held'); process.stdin.resume().on('end', () => db.close());`;
  const holder = spawn(process.execPath, ['-e', words, at('store.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(holder.stdout!, 'data');
  return holder;
}
const letGo = async (holder: ChildProcess) => {
  holder.stdin!.end();
  await once(holder, 'close');
};

describe('a store that another program has locked', () => {
  it('for a moment is waited for', async () => {
    const holder = await lockHolder();
    const asked = post('while it is locked');
    let isAnswered = false;
    void asked.then(() => (isAnswered = true));
    for (let reads = 0; reads < 200; reads++) await room.api('GET', `/v1/sessions/${session.id}`); // longer than a message takes
    expect(isAnswered).toBe(false); // it waits: nothing is acknowledged that is not kept
    await letGo(holder);
    const answer = await asked;
    expect(answer.status).toBe(202);
    expect((await session.ended((answer.body as { turn_id: string }).turn_id)).type).toBe('turn.completed');
    told({ kind: 'locked store', what: 'for a moment', ends: 'waits, then 202', says: '' });
  });

  it.skipIf(!isLong)(
    'for longer is told, with the way to its holder (test:long: it waits for 10 s)',
    { timeout: 60_000 },
    async () => {
      const holder = await lockHolder();
      const answer = await post('while it is locked for long');
      expect(answer).toMatchObject({ status: 503, body: { code: 'store_unavailable', retryable: true } });
      expect(JSON.stringify(answer.body)).toMatch(/Another process has kept store\.db locked .*fuser/);
      toldByApi('locked store', 'for more than 10 s', answer);
      await letGo(holder);
      expect(JSON.stringify(await session.log())).not.toContain('while it is locked for long');
    },
  );
});

describe('a store whose file is gone while everything runs', () => {
  it.each([
    ['moved away', 'moved or removed', () => undefined],
    ['replaced by a copy of its own', 'replaced', () => cpSync(at('away-store.db'), at('store.db'))],
  ])('(%s) takes nothing more, and goes on when it is back', async (what, words, put) => {
    for (const name of STORE) renameSync(at(name), at(`away-${name}`));
    put();
    const answer = await post('into a file that is gone');
    expect(answer).toMatchObject({ status: 503, body: { code: 'store_unavailable', retryable: true } });
    expect(JSON.stringify(answer.body)).toContain(words);
    toldByApi('store gone', `store.db was ${what} while everything runs`, answer);
    for (const name of STORE) {
      rmSync(at(name), { force: true });
      renameSync(at(`away-${name}`), at(name));
    }
    expect(JSON.stringify(await session.log())).not.toContain('into a file that is gone');
  });
});

describe('a store that is not what it was', () => {
  const newer = () => {
    const raw = new DatabaseSync(at('store.db'));
    raw.exec(`insert into migration values (99, 'later', 'x', '2030-01-01T00:00:00.000Z')`);
    raw.close();
  };
  it.each([
    [
      'store.db is gone',
      'store.db',
      'store_corrupt',
      /store\.db is gone, and .* 1 session\b/,
      () => rmSync(at('store.db')),
    ],
    [
      'store.db is something else',
      'store.db',
      'store_corrupt',
      /store\.db is damaged/,
      () => writeFileSync(at('store.db'), 'Dear diary, '.repeat(1_000)),
    ],
    ['store.db is of a later version', 'store.db', 'store_version', /is at version 99; this program knows/, newer],
    [
      'the engine’s database is gone',
      'engine/temporal.db',
      'store_corrupt',
      /temporal\.db is gone/,
      () => rmSync(at('engine/temporal.db')),
    ],
  ])('is told at `tack up`: %s', async (what, file, code, words, spoil) => {
    await room.tack(['down']);
    cpSync(at(file), join(scratch, 'kept.db'));
    spoil();
    const up = await room.tack(['up', '--json']);
    expect({ ...up, body: JSON.parse(up.stdout) as object }).toMatchObject({
      code: 1,
      body: { code, remediation: expect.stringMatching(/\w/) as string },
      stderr: expect.stringMatching(words) as string,
    });
    told({ kind: 'broken store', what: `at tack up: ${what}`, ends: `exit ${up.code}`, says: up.stderr });
    expect(existsSync(at(file))).toBe(what.endsWith('gone') ? false : true); // and nothing was put in its place
    cpSync(join(scratch, 'kept.db'), at(file));
    await room.up();
  });
});

const HOUR_MS = 3_600_000;
/** The clock of every program of ours. That of the engine, whose timers end approvals and retries, cannot be set here. */
const setClock = async (shift_ms: number) => {
  writeFileSync(clock, `${shift_ms}`);
  await until('the clock of the server', async () => {
    const { type } = await session.ended(await session.say('what time is it?'));
    const last = (await session.log()).at(-1)?.created_at ?? '';
    return type === 'turn.completed' && Math.abs(Date.parse(last) - Date.now() - shift_ms) < 60_000;
  });
};

describe('a clock that is set back', () => {
  it.each([
    ['by an hour', -HOUR_MS],
    ['by a year', -8_760 * HOUR_MS],
  ])('%s: the order of the log, a question, and a role that starts anew do not mind', async (what, shift_ms) => {
    const steps = [shell('git init -q x'), { say: 'Done.' }];
    const asked = await startSession(room, scripted(steps, [asks('git init')]));
    const { id, digest } = await asked.question();
    await setClock(shift_ms);
    const log = await session.log();
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, n) => n + 1));
    expect(Date.parse(log.at(-1)?.created_at ?? '')).toBeLessThan(Date.parse(log[0]?.created_at ?? '')); // control: it is set back

    await room.kill('worker');
    await room.up();
    await room.client().approvals.decide({ approval_id: id, body: { digest, decision: 'allow_once' } });
    expect((await asked.ended()).type).toBe('turn.completed');
    const fresh = await startSession(room, scripted([shell('true'), { say: 'Done.' }]));
    expect((await fresh.ended()).type).toBe('turn.completed');
    const { code, stdout } = await room.tack(['ls']);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.not.stringMatching(/Stuck|-\d+[smhd]/) as string,
    });
    told({ kind: 'clock', what: `set back ${what} while a question waits`, ends: 'works', says: '' });
  });

  it.skipIf(!isLong)('and put right again: a turn waits until its host was seen (test:long: up to 30 s)', async () => {
    await setClock(0);
    told({ kind: 'clock', what: 'put right again', ends: 'the next turn waits for up to 30 s', says: '' });
  });
});
