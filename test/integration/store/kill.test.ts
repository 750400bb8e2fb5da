/** Writers that are killed with -9 at any moment leave a log that verifies, with all that they were told was kept. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore, type Store } from '../../../src/store/index.ts';
import { batchOf } from './batch.ts';
import { SESSION, sha256 } from './contract/an-event.ts';

const PROGRAM = fileURLToPath(new URL('appender.ts', import.meta.url));
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

const open = (): Store =>
  openStore({
    file: join(folder, 'store.db'),
    blobs_dir: join(folder, 'blobs'),
    clock: Date.now,
    random: randomBytes,
    sha256,
  });

/** What one writer said, over all its lives. */
interface Heard {
  readonly writer: string;
  readonly acknowledged: Map<number, { readonly first_seq: number; readonly head_seq: number }>;
  begun: number;
}

/** Starts a writer where its former life may have stopped; resolves when it was killed, `acks` acknowledgements and a moment later. */
async function liveAndDie(heard: Heard, acks: number): Promise<void> {
  const from = Math.max(heard.begun, 0);
  const child = spawn(process.execPath, [PROGRAM, folder, SESSION, heard.writer, `${from}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let left = acks;
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, n, first_seq, head_seq] = line.split(' ');
    if (word === 'begins') heard.begun = Number(n);
    if (word === 'done') {
      heard.acknowledged.set(Number(n), { first_seq: Number(first_seq), head_seq: Number(head_seq) });
      left -= 1;
    }
    if (left === 0) {
      left = -1;
      void setTimeout(randomInt(0, 4)).then(() => child.kill('SIGKILL')); // what it says until then still counts
    }
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

it(`keeps a log whole through ${ROUNDS * 2} kills of two writers, from their first moment on`, async () => {
  const writers = ['a', 'b'].map((writer): Heard => ({ writer, acknowledged: new Map(), begun: -1 }));
  let interrupted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const acks = round < 3 ? () => randomInt(0, 2) : () => randomInt(1, 40);
    await Promise.all(writers.map((heard) => liveAndDie(heard, acks())));
    interrupted += writers.filter(({ acknowledged, begun }) => begun >= 0 && !acknowledged.has(begun)).length;
    const store = open();
    await check(store, writers);
    await store.close();
  }
  expect(interrupted).toBeGreaterThan(ROUNDS / 2); // the kills met writers that were writing
}, 120_000);
