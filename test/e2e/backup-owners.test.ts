/** A backup that an ordinary user made goes on as another user's: the folders of its sessions belong to whom sessions run as there. */
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { IS_ROOT, makeOrdinaryUser, ONLY_ROOT, type OrdinaryUser } from '../support/ordinary-user.ts';
import { isLong } from '../support/rounds.ts';
import { scripted, shell, startSession, text } from '../support/session.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'tack-owners-'));
let user: OrdinaryUser | undefined;
const rooms: Room[] = [];
afterAll(async () => {
  for (const room of rooms) await room.close();
  await user?.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('a room of an ordinary user', () => {
  it.skipIf(!IS_ROOT || !isLong)(
    `is backed up by its owner, and goes on in root's and in another folder of theirs (test:long: two rooms more)${ONLY_ROOT}`,
    { timeout: 280_000 },
    async () => {
      const ann = (user = makeOrdinaryUser());
      const theirs = openRoom({}, ann);
      rooms.push(theirs);
      await theirs.up();
      const steps = [shell('cat word.txt || true; echo kept >> word.txt; cat word.txt'), { say: 'Done.' }];
      const session = await startSession(theirs, scripted(steps));
      await session.ended();
      const file = join(theirs.home, '..', 'room.tar.zst');
      expect(await theirs.tack(['backup', file])).toMatchObject({ code: 0, stderr: '' });
      await theirs.tack(['down']);

      const copy = join(folder, 'room.tar.zst');
      copyFileSync(file, copy);
      chmodSync(copy, 0o644);
      for (const [room, from] of [
        [openRoom({}, ann), file],
        [openRoom(), copy],
      ] as const) {
        rooms.push(room);
        expect(await room.tack(['restore', from])).toMatchObject({ code: 0, stderr: '' });
        await room.up();
        const sent = await room.client().sessions.send({ session_id: session.id, body: { content: text('again') } });
        await until(
          'the second turn',
          async () => {
            const { data } = await room.client().sessions.events({ session_id: session.id, limit: 500 });
            return data.some(({ type, turn_id }) => type === 'turn.completed' && turn_id === sent.turn_id);
          },
          90_000,
        );
        // it read and wrote what was there
        expect(readFileSync(join(room.workOf(session.id), 'word.txt'), 'utf8')).toBe('kept\nkept\n');
        await room.tack(['down']);
      }
    },
  );
});
