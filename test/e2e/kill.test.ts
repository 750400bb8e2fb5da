/**
 * Kill -9 of each process while the model streams, while a tool runs and while an approval waits. The oracles stand outside: the
 * model server's own log, a file that every command appends to, /proc, git, and the log on the disk read by SQLite alone.
 * In `./tack test` one kill meets three sessions, one at each moment; in the long run each cell has a kill of its own, three rounds.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openClaudeRoom, type ClaudeRoom } from '../support/claude-room.ts';
import { ASKING_AGENT, effectsExpected, holdAt, MOMENTS, type HeldSession, type Moment } from '../support/moments.ts';
import { processes, processesNaming, processesOf } from '../support/processes.ts';
import { git, repositoryWith } from '../support/repository.ts';
import { isLong, record } from '../support/rounds.ts';
import { storedLog } from '../support/stored-log.ts';
import { until } from '../support/until.ts';

const VICTIMS = ['worker', 'engine', 'server', 'broker', 'harness', 'supervisor'] as const;
type Victim = (typeof VICTIMS)[number];
/** The attempt dies with these; of the others a session hears nothing. */
const TAKES_THE_ATTEMPT: readonly Victim[] = ['worker', 'harness', 'supervisor'];
const ROUNDS: readonly (readonly Moment[])[] = isLong
  ? [1, 2, 3].flatMap(() => MOMENTS.map((one) => [one]))
  : [MOMENTS];

let place: ClaudeRoom;
let repository: string;
beforeAll(async () => {
  repository = repositoryWith({ 'agent.yaml': ASKING_AGENT, 'README.md': 'A project.\n' });
  place = await openClaudeRoom();
});
afterAll(async () => {
  await place?.close();
  if (repository) rmSync(repository, { recursive: true, force: true });
});

/** Resolves with the time of the kill; a supervisor is started again once nothing of its group is left. */
async function kill(victim: Victim, held: readonly HeldSession[]): Promise<number> {
  const { room } = place;
  const pids = victim === 'harness' ? held.map(harnessOf) : [await roleOf(victim)];
  const at = Date.now();
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await until('the end of what was killed', () => !processes().some(({ pid }) => pids.includes(pid)));
  if (victim !== 'supervisor') return at;
  const left = () => [...processesNaming(room.home), ...held.flatMap(({ id }) => processesOf(id))];
  await until('no process of the group', () => left().length === 0);
  await room.up();
  return at;
}

function harnessOf({ id }: HeldSession): number {
  const harness = processesOf(id).find(({ command }) => command.startsWith('/opt/harness/'));
  if (!harness) throw new Error(`${id} has no harness.`);
  return harness.pid;
}

async function roleOf(victim: Exclude<Victim, 'harness'>): Promise<number> {
  const { pid, roles } = await place.room.status();
  const found = victim === 'supervisor' ? pid : roles.find(({ role }) => role === victim)?.pid;
  if (!found) throw new Error(`No ${victim} runs.`);
  return found;
}

interface Before {
  readonly events: ReturnType<HeldSession['stored']>;
  readonly requests: number;
  readonly pids: readonly number[];
}
const look = (session: HeldSession): Before => ({
  events: session.stored(),
  requests: session.requests().length,
  pids: processesOf(session.id).map(({ pid }) => pid),
});

const ofType = (session: HeldSession, type: string) => session.stored().filter((event) => event.type === type);
const endOf = (session: HeldSession, turn: string) =>
  session.stored().find(({ type, turn_id }) => turn_id === turn && /^turn\.(completed|failed|cancelled)$/.test(type));

/** The session goes on by itself, and what it waited for comes. Resolves with its first request after the kill. */
async function goesOn(session: HeldSession, victim: Victim, before: Before) {
  const isLost = TAKES_THE_ATTEMPT.includes(victim);
  const next = () => until('the next request', () => session.requests()[before.requests], 60_000);
  if (!isLost) return (await Promise.all([next(), session.letGo()]))[0];
  const request = await next();
  expect(processesOf(session.id).filter(({ pid }) => before.pids.includes(pid))).toEqual([]);
  expect(request.last).toContain('The session was interrupted and goes on now.');
  if (session.moment === 'a tool runs') {
    expect(request.last).toContain(`Your call \`echo middle`);
    expect(request.last).toContain('was started, and its result is unknown');
    return request; // nobody lets go: it is dead
  }
  if (session.moment === 'an approval waits') {
    expect(request.last).toContain(
      'Your call `echo approved >> effects.txt` was not run and still waits for an approval',
    );
    await until('the same question', () => ofType(session, 'policy.evaluated').length === 3); // first, then the call twice
    expect(session.effects()).toEqual(['first']);
  }
  await session.letGo();
  return request;
}

/** What must hold of a session once it has done everything. */
async function assertWhole(session: HeldSession, victim: Victim, before: Before): Promise<void> {
  const isLost = TAKES_THE_ATTEMPT.includes(victim);
  const ends = await Promise.all(
    session.turns.map((turn) => until(`the end of ${turn}`, () => endOf(session, turn), 60_000)),
  );
  expect(ends.map(({ type }) => type)).toEqual(['turn.completed', 'turn.completed']);
  expect(processesOf(session.id)).toEqual([]);
  expect(session.effects()).toEqual(effectsExpected(session.moment, isLost ? 'is lost' : 'goes on'));

  const log = session.stored(); // throws where the chain is broken
  expect(log.slice(0, before.events.length)).toEqual(before.events);
  const started = log.filter(({ type }) => type === 'agent.tool_use').map(({ data }) => data['tool_use_id']);
  expect(new Set(started).size).toBe(started.length);
  if (session.moment === 'an approval waits') {
    const ids = ofType(session, 'approval.requested').map(({ data }) => (data['approval'] as { id: string }).id);
    expect(new Set(ids)).toEqual(new Set([ofType(session, 'approval.resolved')[0]?.data['approval_id']]));
    const seqs = ['approval.resolved', 'grant.created', 'grant.used'].map((type) =>
      ofType(session, type).map(({ seq }) => seq),
    );
    expect(seqs).toEqual([[expect.any(Number)], [expect.any(Number)], [expect.any(Number)]]);
    expect(seqs.flat()).toEqual(seqs.flat().toSorted((a, b) => a - b));
  }

  const saved = ofType(session, 'checkpoint.created').at(-1)?.data as { readonly commit: string; readonly ref: string };
  const [project = ''] = readdirSync(join(place.room.home, 'projects'));
  const bare = (...words: string[]) =>
    execFileSync('git', ['-c', 'safe.directory=*', '--git-dir', join(place.room.home, 'projects', project), ...words], {
      encoding: 'utf8',
    }).trim();
  expect(bare('rev-parse', saved.ref)).toBe(saved.commit);
  expect(bare('show', `${saved.ref}:effects.txt`).split('\n')).toEqual(session.effects());
}

describe.each(ROUNDS.map((moments, n) => ({ moments, n, name: moments.join(', ') })))(
  'kill -9 while $name ($n)',
  ({ moments, n }) => {
    it.each(VICTIMS)('of the %s: nothing is lost, nothing runs twice, and it goes on', async (victim) => {
      await until('every role', async () => (await place.room.status()).ready, 60_000);
      const held = await Promise.all(moments.map((moment) => holdAt(place, repository, moment)));
      const before = held.map(look);
      const killed = await kill(victim, held);
      await Promise.all(
        held.map(async (session, at) => {
          const { at: asked_at } = await goesOn(session, victim, before[at]!);
          await assertWhole(session, victim, before[at]!);
          const [went_on_ms, done_ms] = [Date.parse(asked_at) - killed, Date.now() - killed];
          console.log(
            `kill -9 of the ${victim} while ${session.moment}: goes on after ${went_on_ms} ms, all done after ${done_ms} ms`,
          );
          record('kill', {
            victim,
            moment: session.moment,
            round: Math.floor(n / MOMENTS.length),
            went_on_ms,
            done_ms,
          });
        }),
      );
      expect(git(repository, 'status', '--porcelain')).toBe('');
    });
  },
);

describe('without Tackroom', () => {
  it('a killed Claude Code leaves its command running, and nobody goes on', async () => {
    const { model } = place;
    const folder = mkdtempSync(join(tmpdir(), 'tack-bare-'));
    const file = (name: string) => join(folder, name);
    mkdirSync(file('home'));
    const prompt = `Wait. [[waitfile ${JSON.stringify({ path: 'go.txt', bare: folder })}]]`;
    const { PATH } = process.env;
    const env = {
      PATH,
      HOME: file('home'),
      IS_SANDBOX: '1',
      CLAUDE_CODE_TMPDIR: folder, // else it leaves folders in /tmp
      XDG_RUNTIME_DIR: folder,
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'sk-bare',
    };
    const argv = ['-p', prompt, '--model', 'claude-sonnet-4-5', '--dangerously-skip-permissions'];
    const bare = spawn(process.env['TACK_CLAUDE_BIN'] ?? '', argv, { cwd: folder, env, stdio: 'ignore' });
    const requests = () => model.requests().filter(({ tag }) => tag?.includes(folder)).length;
    const command = () =>
      processes().filter(({ command: words }) => words.includes('wait.txt') && !words.includes(prompt));
    try {
      await until('its command', () => existsSync(file('wait.txt')), 60_000);
      const asked = requests();
      bare.kill('SIGKILL');
      await until('its end', () => !processes().some(({ pid }) => pid === bare.pid));
      expect(command().length).toBeGreaterThan(0);
      writeFileSync(file('go.txt'), '');
      await until('the effect that nobody watches', () => readFileSync(file('wait.txt'), 'utf8').includes('ended'));
      expect(requests()).toBe(asked);
    } finally {
      bare.kill('SIGKILL');
      writeFileSync(file('go.txt'), '');
      await until('the end of its command', () => command().length === 0);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the oracle of the log', () => {
  it('notices an event that was changed, one that was taken out, and content that was exchanged', async () => {
    const { id } = await place.room.client().sessions.create({
      body: { agent: { name: 'scripted', harness: 'scripted' }, input: [{ type: 'text', text: 'Keep this.' }] },
    });
    await until('its log', () => storedLog(place.room.home, id).length > 2);
    const home = mkdtempSync(join(tmpdir(), 'tack-copy-'));
    const store = new DatabaseSync(join(place.room.home, 'store.db'));
    const tampered = (sql: string) => {
      const file = join(home, 'store.db');
      rmSync(file, { force: true });
      store.exec(`vacuum into '${file}'`);
      const copy = new DatabaseSync(file);
      const { changes } = copy.prepare(sql).run(id);
      copy.close();
      expect(changes).toBe(1);
      return () => storedLog(home, id);
    };
    try {
      expect(tampered('update head set seq = seq where log_id = ?')().length).toBeGreaterThan(1);
      expect(tampered(`update event set body = replace(body, 'user', 'oser') where seq = 1 and log_id = ?`)).toThrow(
        'hashed',
      );
      expect(tampered('delete from event where seq = 2 and log_id = ?')).toThrow();
      const digest = `(select substr(body, instr(body, '$blob') + 8, 64) from event where seq = 2 and log_id = ?)`;
      expect(tampered(`update blob set content = x'00' where digest = ${digest}`)).toThrow('another one');
    } finally {
      store.close();
      rmSync(home, { recursive: true, force: true });
    }
  });
});
