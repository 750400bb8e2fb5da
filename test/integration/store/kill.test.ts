/** Writers that are killed with -9 at any moment leave a log that verifies, with all that they were told was kept. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore, type Store } from '../../../src/store/index.ts';
import { batchOf } from './batch.ts';
import { SESSION } from './contract/an-event.ts';

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
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

/** What one writer said, over all its lives. */
interface Heard {
  readonly writer: string;
  readonly acknowledged: Map<number, { readonly first_seq: number; readonly head_seq: number }>;
  begun: number;
}

/** Starts a writer where its former life may have stopped; resolves when it was killed, `acks` acknowledgements and a moment later. */
async function liveAndDie(heard: Heard, acks: number): Promise<void> {
  const from = Math.max(heard.begun, 0);
  await killAfter(acks, [program('appender.ts'), folder, SESSION, heard.writer, `${from}`], (line) => {
    const [word, n, first_seq, head_seq] = line.split(' ');
    if (word === 'begins') heard.begun = Number(n);
    if (word !== 'done') return;
    heard.acknowledged.set(Number(n), { first_seq: Number(first_seq), head_seq: Number(head_seq) });
  });
}

async function killAfter(acks: number, args: readonly string[], hear: (line: string) => void): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let left = acks;
  for await (const line of createInterface({ input: child.stdout })) {
    hear(line); // also what it says until it dies
    if (line.startsWith('done')) left -= 1;
    if (left > 0) continue;
    left = Number.POSITIVE_INFINITY;
    void setTimeout(randomInt(0, 5)).then(() => child.kill('SIGKILL'));
  }
  expect((await closed)[1]).toBe('SIGKILL'); // and no other end
}

async function check(store: Store, all: readonly Heard[]): Promise<void> {
  expect(await store.log.verify(SESSION)).toBeNull();
  const events = await store.log.read(SESSION, { after: 0, limit: 1_000_000 });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
  expect((await store.projections.session(SESSION))?.head_seq ?? 0).toBe(events.length);
  for (const { writer, acknowledged, begun } of all) {
    const own = Map.groupBy(
      events.filter(({ data }) => data['writer'] === writer),
      ({ data }) => Number(data['n']),
    );
    for (const [n, { first_seq, head_seq }] of acknowledged)
      expect(own.get(n)?.map(({ seq }) => seq)).toEqual([first_seq, ...range(first_seq + 1, head_seq)]);
    for (const [n, written] of own) {
      expect(n).toBeLessThanOrEqual(begun);
      const texts = written.map(({ data }) => data['text']);
      expect(texts).toEqual(batchOf(writer, n).map(({ data }) => data['text'])); // whole, once, with its content
      expect(written.at(-1)!.seq - written[0]!.seq).toBe(written.length - 1);
    }
    const last = [...acknowledged.keys()].at(-1);
    if (last !== undefined)
      expect(await store.log.append(SESSION, null, `${writer}/${last}`, batchOf(writer, last))).toMatchObject(
        acknowledged.get(last)!,
      );
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, n) => from + n);

it(`keeps a log whole through ${ROUNDS * 2} kills of two writers`, async () => {
  const writers = ['a', 'b'].map((writer): Heard => ({ writer, acknowledged: new Map(), begun: -1 }));
  let interrupted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(writers.map((heard) => liveAndDie(heard, randomInt(1, 40))));
    interrupted += writers.filter(({ acknowledged, begun }) => begun >= 0 && !acknowledged.has(begun)).length;
    const store = await open();
    await check(store, writers);
    await store.close();
  }
  expect(interrupted).toBeGreaterThan(ROUNDS / 2); // the kills met writers that were writing
}, 120_000);

it('opens and writes whatever moment of the first start was killed', async () => {
  const all_or_nothing: boolean[] = [];
  for (let round = 0; round < 8; round++) {
    await liveAndDie({ writer: 'a', acknowledged: new Map(), begun: -1 }, 0);
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
    await killAfter(randomInt(1, 20), [program('torn-appender.ts'), file], () => {});
    const raw = new DatabaseSync(file);
    const { events, head } = raw
      .prepare('select (select max(seq) from event) events, (select seq from head) head')
      .get()!;
    raw.close();
    if (events !== head) return;
  }
  expect.unreachable('twenty kills met no moment between two writes');
}, 60_000);
