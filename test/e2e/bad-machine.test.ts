/** A disk that is full or cannot be written, amid the work and before it: what cannot be kept is not accepted; what was accepted is done when the trouble is over. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IS_ROOT, makeOrdinaryUser, ONLY_ROOT } from '../support/ordinary-user.ts';
import { repositoryWith } from '../support/repository.ts';
import { isLong } from '../support/rounds.ts';
import { scripted, shell, startSession, text, type TestSession } from '../support/session.ts';
import { failingDisk, smallDisk, type FailingDisk, type SmallDisk } from '../support/small-disk.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { told, toldByApi } from '../support/told.ts';
import { until } from '../support/until.ts';

const TALKS = scripted([shell('true'), { say: 'Done.' }]);
const WAITS = scripted([{ wait_for: 'go' }, shell('echo once >> effects.txt'), { say: 'Done.' }]);
const pidsOf = async (room: Room) => {
  const { pid, roles } = await room.status();
  return [pid, ...roles.map((role) => role.pid)];
};
const say = (room: Room, { id }: TestSession, words: string) =>
  room.api('POST', `/v1/sessions/${id}/messages`, { content: text(words) });
/** The same session completes a turn, and the log is whole. */
async function goesOn(room: Room, session: TestSession): Promise<void> {
  expect((await session.ended(await session.say('and again'))).type).toBe('turn.completed');
  const { code, stdout, stderr } = await room.tack(['audit', 'verify']);
  expect({ code, stdout }, stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/whole/) as string });
}
/** A session whose turn waits for a file of its folder. */
async function waitingTurn(room: Room): Promise<{ session: TestSession; go(): void; effects(): string }> {
  const session = await startSession(room, WAITS);
  await session.logged('session.placed');
  const work = room.workOf(session.id);
  await until('its folder', () => existsSync(work) || undefined);
  return {
    session,
    go: () => writeFileSync(join(work, 'go'), ''),
    effects: () => readFileSync(join(work, 'effects.txt'), 'utf8'),
  };
}
const stuckOf = (room: Room, { id }: TestSession, words: RegExp) =>
  until(`${id} to be stuck by ${words}`, async () => {
    const { stuck } = await room.client().sessions.show({ session_id: id });
    return stuck !== null && words.test(stuck.detail) ? stuck : undefined;
  });

describe.skipIf(!IS_ROOT)(`a disk that is full${ONLY_ROOT}`, () => {
  const room = openRoom();
  const repository = repositoryWith({ 'README.md': 'hello\n' });
  let disk: SmallDisk;
  let session: TestSession;
  beforeAll(async () => {
    disk = smallDisk(room.home, 256);
    await room.up();
    session = await startSession(room, TALKS);
    await session.ended();
  });
  afterAll(async () => {
    disk.empty();
    await room.tack(['down']);
    disk.close();
    await room.close();
    rmSync(repository, { recursive: true });
  });
  afterEach(() => goesOn(room, session));

  it('amid a turn: nothing more is accepted, its session says why, no role ends, and it goes on when there is room', async () => {
    const before = await pidsOf(room);
    const { session: waiting, go, effects } = await waitingTurn(room);
    disk.fill();
    expect(disk.free()).toBe(0);
    const answer = await say(room, session, 'no room');
    expect(answer).toMatchObject({ status: 503, body: { code: 'store_unavailable', retryable: true } });
    toldByApi('full disk', 'a message', answer);
    const ran = await room.tack(['run', 'go', '--agent', 'scripted'], { cwd: repository });
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringMatching(/No space left|disk is full/) as string });
    told({ kind: 'full disk', what: 'tack run', ends: `exit ${ran.code}`, says: ran.stderr.replace(/^.*\n/, '') });
    go();
    if (isLong) {
      const { reason, detail } = await stuckOf(room, waiting, /disk is full/); // after its third attempt
      expect(reason).toBe('activity_failing');
      expect((await room.tack(['status'])).stdout).toMatch(/stuck: [^]*disk is full[^]*free 0 B/);
      told({
        kind: 'full disk',
        what: 'amid a turn',
        ends: 'the turn waits; completed when there is room',
        says: detail,
      });
    }
    expect(await pidsOf(room)).toEqual(before);

    disk.empty();
    expect((await waiting.ended()).type).toBe('turn.completed');
    expect(effects()).toBe('once\n');
    const messages = (await session.log()).filter(({ type }) => type === 'user.message');
    expect(JSON.stringify(messages)).not.toContain('no room'); // it was refused, so it is nowhere
    const again = await room.tack(['run', 'go', '--agent', 'scripted'], { cwd: repository });
    expect(again.code, again.stderr).toBe(3); // the shipped script asks at its end, and nobody sits here
  });

  it('before `tack up` is told by its name, for a data folder of yesterday and for a new one', async () => {
    await room.tack(['down']);
    disk.fill();
    const old = await room.tack(['up', '--json']);
    expect({ ...old, body: JSON.parse(old.stdout) as object }).toMatchObject({
      code: 1,
      body: { code: expect.stringMatching(/^(store_unavailable|data_folder_invalid)$/) as string },
      stderr: expect.stringMatching(/disk is full|free space/i) as string,
    });
    told({ kind: 'full disk', what: 'tack up', ends: `exit ${old.code}`, says: old.stderr });
    const fresh = await room.tack(['up'], { env: { TACK_HOME: join(room.home, 'new') } });
    expect(fresh).toMatchObject({ code: 1, stderr: expect.stringMatching(/disk is full \(ENOSPC\)/) as string });
    told({ kind: 'full disk', what: 'tack up in a new folder', ends: `exit ${fresh.code}`, says: fresh.stderr });
    disk.empty();
    await room.up();
  });
});

describe.skipIf(!IS_ROOT)(`a disk that turns read-only${ONLY_ROOT}`, () => {
  const room = openRoom();
  let disk: FailingDisk;
  beforeAll(async () => {
    disk = failingDisk(room.home, 256);
    await room.up();
  });
  afterAll(async () => {
    await room.tack(['down']);
    disk.close();
    await room.close();
  });

  it('takes nothing more, `tack up` says so too, and all goes on once it is mended', async () => {
    const session = await startSession(room, TALKS);
    await session.ended();
    const amid = isLong ? await waitingTurn(room) : null; // its worker takes 15 s to give up putting it away
    disk.fail();
    expect(disk.isReadOnly()).toBe(true);
    const answer = await say(room, session, 'on a broken disk');
    expect(answer).toMatchObject({
      status: 503,
      body: { code: expect.stringMatching(/^(store|engine)_unavailable$/) as string },
    });
    toldByApi('read-only data folder', 'a message, after the disk turned read-only', answer);
    const { code, stdout } = await room.tack(['down']);
    expect({ code, stdout }).toMatchObject({ code: 0 });
    const up = await room.tack(['up']);
    expect(up).toMatchObject({ code: 1, stderr: expect.stringMatching(/read-only/) as string });
    told({
      kind: 'read-only data folder',
      what: 'tack up, the disk is read-only',
      ends: `exit ${up.code}`,
      says: up.stderr,
    });
    disk.mend();
    expect(disk.isReadOnly()).toBe(false);
    await room.up();
    amid?.go();
    expect((await amid?.session.ended())?.type).toBe(amid ? 'turn.completed' : undefined);
    expect(amid?.effects()).toBe(amid ? 'once\n' : undefined);
    await goesOn(room, session);
  });
});

describe('a store that its owner may not write', () => {
  const long = IS_ROOT && !isLong ? ' (test:long: root may write everything, so it makes another user)' : '';
  it.skipIf(long !== '')(`is told at \`tack up\`, and is used once it may be written${long}`, async () => {
    const user = IS_ROOT ? makeOrdinaryUser() : undefined;
    const room = openRoom({}, user);
    try {
      await room.up();
      const session = await startSession(room, TALKS);
      await session.ended();
      await room.tack(['down']);
      chmodSync(join(room.home, 'store.db'), 0o400);
      const up = await room.tack(['up']);
      expect(up).toMatchObject({ code: 1, stderr: expect.stringMatching(/Check .*owner/) as string });
      told({
        kind: 'read-only data folder',
        what: 'tack up, its owner may not write',
        ends: `exit ${up.code}`,
        says: up.stderr,
      });
      chmodSync(join(room.home, 'store.db'), 0o600);
      await room.up();
      await goesOn(room, session);
    } finally {
      await room.close();
      await user?.close();
    }
  });
});

describe.skipIf(!IS_ROOT || !isLong)(
  `no room for the engine's own database${IS_ROOT ? ' (test:long: it waits for time-outs)' : ONLY_ROOT}`,
  () => {
    it('what was accepted before is done when there is room, and nothing twice', { timeout: 240_000 }, async () => {
      const room = openRoom();
      const folder = join(room.home, 'engine');
      mkdirSync(folder, { mode: 0o700 });
      const disk = smallDisk(folder, 32);
      try {
        await room.up();
        const session = await startSession(room, scripted([shell('echo once >> effects.txt'), { say: 'Done.' }]));
        await session.ended();
        disk.fill();
        const accepted: string[] = [];
        const refused = await until(
          'a refusal',
          async () => {
            const answer = await say(room, session, 'is there room?');
            if (answer.status >= 400) return answer;
            accepted.push((answer.body as { turn_id: string }).turn_id);
            return undefined;
          },
          120_000,
        );
        expect(disk.free()).toBe(0);
        expect(refused).toMatchObject({ status: 503, body: { code: 'engine_unavailable', retryable: true } });
        toldByApi('full disk', 'a message, where the engine has no room', refused);
        disk.empty();
        for (const turn of accepted) expect((await session.ended(turn)).type).toBe('turn.completed');
        await goesOn(room, session);
        const turns = (await session.log()).filter(({ type }) => type === 'turn.completed').length;
        const effects = readFileSync(join(room.workOf(session.id), 'effects.txt'), 'utf8');
        expect(effects).toBe('once\n'.repeat(turns));
      } finally {
        disk.empty();
        await room.tack(['down']);
        disk.close();
        await room.close();
      }
    });
  },
);
