/** Writers that are killed with -9 at any moment leave a log that verifies, with all that they were told was kept. */
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore, type Store } from '../../../src/store/index.ts';
import { batchOf } from './batch.ts';
import { SESSION } from './contract/an-event.ts';
import { aWriter, checkLog, listen, live, programOf, type Heard, type Life } from './writers.ts';

const ROUNDS = 12;

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tack-kill-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const open = (): Promise<Store> => openStore({ data_folder: folder });

/** Starts a writer where its former life may have stopped; resolves when it was killed, `acks` acknowledgements and a moment later. */
const liveAndDie = (heard: Heard, acks: number): Promise<void> =>
  dieAfter(acks, (onLine) => live(heard, folder, { onLine }));

async function dieAfter(acks: number, start: (onLine: (line: string) => void) => Life): Promise<void> {
  let left = acks;
  const { child, over } = start((line) => {
    if (line.startsWith('done')) left -= 1;
    if (left > 0) return;
    left = Number.POSITIVE_INFINITY;
    void setTimeout(randomInt(0, 5)).then(() => child.kill('SIGKILL'));
  });
  children.push(child);
  expect((await over).signal).toBe('SIGKILL'); // and no other end
}

it(`keeps a log whole through ${ROUNDS * 2} kills of two writers`, async () => {
  const writers = ['a', 'b'].map(aWriter);
  let interrupted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(writers.map((heard) => liveAndDie(heard, randomInt(1, 40))));
    interrupted += writers.filter(({ acknowledged, begun }) => begun >= 0 && !acknowledged.has(begun)).length;
    const store = await open();
    await checkLog(store, writers);
    await store.close();
  }
  expect(interrupted).toBeGreaterThan(ROUNDS / 2); // the kills met writers that were writing
}, 120_000);

it('opens and writes whatever moment of the first start was killed', async () => {
  const all_or_nothing: boolean[] = [];
  for (let round = 0; round < 8; round++) {
    await liveAndDie(aWriter('a'), 0);
    const store = await open();
    all_or_nothing.push((await store.log.head(SESSION)).seq === 0);
    await store.log.append(SESSION, null, 'b/1', batchOf('b', 1));
    expect(await store.log.verify(SESSION)).toBeNull();
    await store.close();
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
  }
  expect(all_or_nothing).toContain(true); // some died before their first event
}, 60_000);

it('control: the same kills tear a log whose event and head are written one after the other', async () => {
  const file = join(folder, 'torn.db');
  for (let kills = 0; kills < 20; kills++) {
    await dieAfter(randomInt(1, 20), (onLine) => listen([programOf('torn-appender.ts'), file], onLine));
    const raw = new DatabaseSync(file);
    const { events, head } = raw
      .prepare('select (select max(seq) from event) events, (select seq from head) head')
      .get()!;
    raw.close();
    if (events !== head) return;
  }
  expect.unreachable('twenty kills met no moment between two writes');
}, 60_000);
