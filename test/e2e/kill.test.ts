/**
 * Kill -9 of each process while the model streams, while a tool runs and while an approval waits: one kill meets three sessions, one
 * at each moment. The oracles stand outside: the model server's own log, a file that every command appends to, /proc, git, and the
 * log on the disk read by SQLite alone. `npm run chaos` gives each cell kills of its own, at seeded times.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { VICTIMS, type Moment } from '../chaos/cells.ts';
import { TAKES_THE_ATTEMPT } from '../chaos/kill.ts';
import { killAmid } from '../chaos/kill-amid.ts';
import { openPlace, type Place } from '../chaos/place.ts';
import { startAt } from '../chaos/session.ts';
import { processes, processesOf } from '../support/processes.ts';
import { startSession } from '../support/session.ts';
import { storedLog } from '../support/stored-log.ts';
import { until } from '../support/until.ts';

const MOMENTS = ['model streaming', 'tool running', 'approval held'] as const satisfies readonly Moment[];
/** What the model hears first after its attempt was lost. */
const TOLD: Readonly<Record<(typeof MOMENTS)[number], string>> = {
  'model streaming': 'The session was interrupted and goes on now.',
  'tool running': 'was started, and its result is unknown',
  'approval held': 'Your call `echo approved >> effects.txt` was not run and still waits for an approval',
};

let place: Place;
beforeAll(async () => {
  place = await openPlace({ harness: 'claude-code' });
});
afterAll(() => place?.close());

describe('kill -9 amid three sessions', () => {
  it.each(VICTIMS)(
    'of the %s: nothing is lost, nothing runs twice, and each goes on',
    async (victim) => {
      const { room } = place;
      await until('every role', async () => (await room.status()).ready, 60_000);
      const sessions = await Promise.all(MOMENTS.map((moment) => startAt(place, moment)));
      await Promise.all(sessions.map((session) => session.reached()));
      const { killed, outcomes } = await killAmid(place, { victim, group: await room.status(), sessions });

      expect(killed).toBe(victim === 'harness' ? MOMENTS.length : 1);
      for (const [n, { violations, before, went_on_ms, done_ms }] of outcomes.entries()) {
        const moment = MOMENTS[n]!;
        console.log(
          `kill -9 of the ${victim}, ${moment}: goes on after ${went_on_ms} ms, all done after ${done_ms} ms`,
        );
        expect(violations).toEqual([]);
        if (TAKES_THE_ATTEMPT.includes(victim))
          expect(sessions[n]?.requests()[before.requests]?.last).toContain(TOLD[moment]);
      }
    },
    400_000,
  );
});

describe('a harness that dies again and again before anything came of it', () => {
  it('is given up after three attempts; its way to the model is closed, and the session takes the next prompt', async () => {
    const { room } = place;
    const model = place.model!;
    const gate = `never-${crypto.randomUUID()}`;
    const session = await startSession(room, 'claude-code', `Wait. [[block ${JSON.stringify({ gate })}]]`);
    for (const attempt of [1, 2, 3]) {
      await model.reached(gate, attempt);
      const harness = processesOf(session.id).find(({ command }) => command.startsWith('/opt/harness/'));
      process.kill(harness!.pid, 'SIGKILL');
    }
    const { type, data } = await session.ended();
    expect([type, data['error']]).toEqual(['turn.failed', expect.objectContaining({ code: 'turn_no_progress' })]);
    expect(readdirSync(join(loadConfig(room.env).run_folder, 'e'))).toEqual([]);
    model.release(gate);
    const next = await session.ended(await session.say('And now. [[text {"text":"Here again."}]]'));
    expect(next.type).toBe('turn.completed');
    expect(processesOf(session.id)).toEqual([]);
  });
});

describe('without Tackroom', () => {
  it('a killed Claude Code leaves its command running, and nobody goes on', async () => {
    const model = place.model!;
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
