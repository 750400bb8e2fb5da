/** Writers as processes of their own, to be killed, and what must hold of their log whatever happened to them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Store } from '../../../src/store/index.ts';
import { batchOf } from './batch.ts';
import { SESSION } from './contract/an-event.ts';

/** What one writer said, over all its lives. */
export interface Heard {
  readonly writer: string;
  readonly acknowledged: Map<number, { readonly first_seq: number; readonly head_seq: number }>;
  /** What it was told no to, and why. */
  readonly refused: string[];
  begun: number;
}

export const aWriter = (writer: string): Heard => ({ writer, acknowledged: new Map(), refused: [], begun: -1 });

export interface Life {
  readonly child: ChildProcess;
  /** Resolves when it is gone, with how. */
  readonly over: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

export interface LifeOptions {
  readonly url?: string;
  readonly epoch?: number;
  /** Each line that it says. */
  readonly onLine?: (line: string) => void;
}

/** Starts a writer where its former life may have stopped. */
export function live(heard: Heard, folder: string, { url = '', epoch, onLine }: LifeOptions = {}): Life {
  const words = [folder, SESSION, heard.writer, `${Math.max(heard.begun, 0)}`, url, ...(epoch ? [`${epoch}`] : [])];
  return listen([programOf('appender.ts'), ...words], (line) => {
    const [word, n, first_seq, head_seq] = line.split(' ');
    if (word === 'begins') heard.begun = Number(n);
    if (word === 'refused') heard.refused.push(first_seq ?? '');
    if (word === 'done')
      heard.acknowledged.set(Number(n), { first_seq: Number(first_seq), head_seq: Number(head_seq) });
    onLine?.(line);
  });
}

/** Runs a program, and hears all that it says, also until it dies. */
export function listen(args: readonly string[], hear: (line: string) => void): Life {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const heard = (async () => {
    for await (const line of createInterface({ input: child.stdout })) hear(line);
  })();
  const over = Promise.all([closed, heard]).then(([[code, signal]]) => ({ code, signal }));
  return { child, over };
}

export const programOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The log is whole: gapless, chained, every batch once and together; all that was acknowledged is there, and answers again what it answered. */
export async function checkLog(store: Store, all: readonly Heard[]): Promise<void> {
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
