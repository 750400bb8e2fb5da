/** A room that works is brought into one file, and goes on at another place: real roles, the real Claude Code, a scripted model. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patiently } from '../../src/cli/watch/patient.ts';
import { startModelServer, type ModelServer } from '../../src/demo/model-server/server.ts';
import { readFrames } from '../../src/upkeep/archive/frames.ts';
import { effectsOf, leaves, storyOf } from '../support/claude-room.ts';
import { ASKING_AGENT, effectsExpected, holdAt, type HeldSession } from '../support/moments.ts';
import { repositoryWith } from '../support/repository.ts';
import { text } from '../support/session.ts';
import { storedLog } from '../support/stored-log.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { until } from '../support/until.ts';

const KEY = `sk-ant-canary-${crypto.randomUUID()}`;
const folder = mkdtempSync(join(tmpdir(), 'tack-backup-'));
const file = join(folder, 'room.tar.zst');
const repository = repositoryWith({ 'agent.yaml': ASKING_AGENT, 'readme.md': 'A project.\n' });
let model: ModelServer;
let room: Room;
let other: Room;
let idle: string;
let asked: string;
let running: HeldSession;
let before: ReadonlyMap<string, string>;

async function started(of: Room, steps: readonly unknown[]): Promise<string> {
  const args = ['run', '--detach', '--json', '--agent', './agent.yaml', storyOf(steps).prompt];
  const { code, stdout, stderr } = await of.tack(args, { cwd: repository });
  if (code !== 0) throw new Error(`tack run ended with ${code}: ${stderr}`);
  return (JSON.parse(stdout) as { id: string }).id;
}
const statusOf = async (of: Room, session_id: string) => (await of.client().sessions.show({ session_id })).status;
const becomes = (of: Room, id: string, status: string) =>
  until(`${id} to be ${status}`, async () => (await statusOf(of, id)) === status, 90_000);
const ends = (of: Room, turn_id: string, id: string) =>
  until(
    `the end of ${turn_id}`,
    () => storedLog(of.home, id).find((event) => event.turn_id === turn_id && event.type === 'turn.completed'),
    90_000,
  );
const chains = (of: Room) =>
  new Map([idle, asked, running.id].map((id) => [id, storedLog(of.home, id).at(-1)?.prev_hash ?? '']));

beforeAll(async () => {
  model = await startModelServer();
  const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: model.url, TACK_GRACE_S: '1' };
  room = openRoom(env);
  other = openRoom(env);
  await room.up();
  idle = await started(room, [leaves('idle'), { say: 'Done.' }]);
  asked = await started(room, [leaves('first'), leaves('approved'), leaves('last'), { say: 'Done.' }]);
  await becomes(room, idle, 'idle');
  await until(
    'a suspended turn',
    () => storedLog(room.home, asked).some(({ type }) => type === 'turn.suspended'),
    90_000,
  );
  running = await holdAt({ room, model, close: async () => undefined }, repository, 'a tool runs');
}, 240_000);
afterAll(async () => {
  await room?.close();
  await other?.close();
  await model?.close();
  for (const path of [folder, repository]) rmSync(path, { recursive: true, force: true });
}, 60_000);

describe('`tack backup` while a turn runs', () => {
  it('makes one file, and the room goes on as if nothing had been', { timeout: 120_000 }, async () => {
    before = chains(room);
    const { code, stdout, stderr } = await room.tack(['backup', file, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ object: 'backup', file, sessions: 3, left_out: [] });
    expect(readdirSync(folder)).toEqual(['room.tar.zst']);
    await running.letGo();
    await ends(room, running.turns[1], running.id);
    expect(effectsOf(room, running.id)).toEqual(effectsExpected('a tool runs', 'goes on'));
    await room.tack(['down']);
  });

  it('holds no key and no token', () => {
    const fd = openSync(file, 'r');
    const bytes = Buffer.concat([...readFrames(fd)]);
    closeSync(fd);
    const token = readFileSync(join(room.home, 'token'), 'utf8').trim();
    expect([KEY, token].filter((secret) => bytes.includes(secret))).toEqual([]);
    expect(bytes.includes(asked)).toBe(true); // the search finds what is there
  });

  it('has left neither in the logs of the roles, whose lines are all JSON with a constant message', () => {
    const token = readFileSync(join(room.home, 'token'), 'utf8').trim();
    const roles = ['engine', 'broker', 'server', 'worker'];
    const lines = roles.flatMap((role) => {
      const text = readFileSync(join(room.home, 'logs', `${role}.log`), 'utf8');
      expect([KEY, token].filter((secret) => text.includes(secret))).toEqual([]);
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    });
    for (const line of lines) {
      expect(line).toMatchObject({
        role: expect.stringMatching(roles.join('|')) as string,
        level: expect.stringMatching(/^[a-z]+$/) as string,
      });
      expect(line['msg']).toMatch(/^[a-z]+\.[a-z_]+$/);
      expect(Object.keys(line).filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))).toEqual([]);
    }
    expect(lines.some(({ session_id }) => session_id === asked)).toBe(true);
  });
});

describe('`tack audit verify --backup`', () => {
  it('finds the logs in a backup whole, and names what was changed before it was made', async () => {
    const whole = await room.tack(['audit', 'verify', '--backup', file]);
    expect([whole.code, whole.stdout]).toEqual([0, '3 logs are whole.\n']);
    const store = new DatabaseSync(join(room.home, 'store.db'));
    store.exec(`update event set body = replace(body, 'user', 'usor') where log_id = '${idle}' and seq = 2`);
    store.close();
    const forged = join(folder, 'forged.tar.zst');
    expect(await room.tack(['backup', forged])).toMatchObject({ code: 0 }); // nothing runs: that works, too
    const found = await room.tack(['audit', 'verify', '--backup', forged]);
    expect([found.code, found.stdout]).toEqual([1, expect.stringContaining('event 2 changed')]);
    rmSync(forged);
  });
});

describe('`tack restore`', () => {
  it('touches nothing that is there, and names a damaged file', async () => {
    const refusals: readonly (readonly [Room, string, RegExp])[] = [
      [room, file, /is not empty/],
      [other, join(folder, 'nowhere'), /There is no file/],
    ];
    for (const [to, from, words] of refusals)
      expect(await to.tack(['restore', from])).toMatchObject({
        code: expect.not.toSatisfy((code) => code === 0),
        stderr: expect.stringMatching(words),
      });
    const damaged = join(folder, 'damaged');
    const bytes = readFileSync(file);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(damaged, bytes);
    const { code, stderr } = await other.tack(['restore', damaged]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/The backup is damaged: .*(at|behind) /)]);
    expect(readdirSync(other.home)).toEqual([]);
  });

  it('makes a room of it in which the same sessions go on', { timeout: 240_000 }, async () => {
    expect(await other.tack(['restore', file])).toMatchObject({ code: 0, stderr: '' });
    await other.up();
    expect(await other.tack(['restore', file])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('runs') as string,
    });

    // the one that was asked: allowed here, it runs here, once
    const [approval] = (await other.client().approvals.list({ status: 'pending' })).data;
    expect(approval).toMatchObject({ session_id: asked });
    const { id = '', digest = '' } = approval ?? {};
    const body = { digest, decision: 'allow_once' } as const;
    const { decide } = other.client().approvals;
    await patiently((options) => decide({ approval_id: id, body }, options), { within_ms: 60_000 });
    await becomes(other, asked, 'idle');
    expect(effectsOf(other, asked)).toEqual(['first', 'approved', 'last']);

    // the one whose turn ran: its call is unknown and is not run again, and what waited comes next
    await ends(other, running.turns[1], running.id);
    expect(effectsOf(other, running.id)).toEqual(effectsExpected('a tool runs', 'is lost'));

    // the one that was idle takes the next prompt, in the worktree it had
    const content = text(storyOf([leaves('again'), { say: 'Done.' }]).prompt);
    const { turn_id } = await other.client().sessions.send({ session_id: idle, body: { content } });
    await ends(other, turn_id, idle);
    expect(effectsOf(other, idle)).toEqual(['idle', 'again']);
  });

  it('gives logs that hold together, go on from where they were, and agree with the engine', async () => {
    const hashes = (id: string) => storedLog(other.home, id).map(({ prev_hash }) => prev_hash);
    for (const [id, hash] of before) expect(hashes(id)).toContain(hash);
    const verified = await other.tack(['audit', 'verify', '--json']);
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(verified.stdout.trim().split('\n').at(-1) ?? '')).toEqual({
      object: 'audit',
      logs: 3,
      broken: 0,
      engine: true,
    });
    const replayed = await other.tack(['replay', '--all', '--json']);
    expect(JSON.parse(replayed.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ diverged: 0 });
  });
});

describe('an interrupted restore', () => {
  it('is not started, and is not written over', async () => {
    const third = openRoom();
    try {
      writeFileSync(join(third.home, 'version'), 'restoring\n');
      mkdirSync(join(third.home, 'engine'));
      expect(await third.tack(['up'])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('restoring') as string,
      });
      expect(await third.tack(['restore', file])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('not empty') as string,
      });
      expect(existsSync(join(third.home, 'store.db'))).toBe(false);
    } finally {
      await third.close();
    }
  });
});
