/** The one file of rows: shards may write it at once, and a later call finds what was played. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameOf, type Cell, type Round } from './cells.ts';
import type { Played } from './round.ts';
import type { HarnessName } from './story.ts';
import type { Violation } from './violation.ts';
import type { Guard } from './breaks/guards.ts';

export interface Measured {
  readonly when: string;
  readonly commit: string;
  readonly machine: string;
  /** Of the last minute: it tells a busy machine from a slow program. */
  readonly load: number;
}
export interface CellRow extends Round, Played, Measured {
  readonly harness: HarnessName;
  readonly seed: number;
}
export interface GuardRow extends Measured {
  readonly guard: Guard;
  /** What was seen with the guard in its place: nothing, or the proof is none. */
  readonly with_it: readonly Violation[];
  readonly without_it: readonly Violation[];
}
export interface Kept {
  readonly cells: readonly CellRow[];
  readonly guards: readonly GuardRow[];
}

export function readRows(file: string): Kept {
  if (!existsSync(file)) return { cells: [], guards: [] };
  return JSON.parse(readFileSync(file, 'utf8')) as Kept;
}

/** What is there is read, changed and put back as a whole; others wait meanwhile. */
export async function changeRows(file: string, change: (kept: Kept) => Kept): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const release = await lock(`${file}.lock`);
  try {
    const { cells, guards } = change(readRows(file));
    const list = (rows: readonly unknown[]) => `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`;
    writeFileSync(`${file}.new`, `{"cells": ${list(cells)},\n"guards": ${list(guards)}}\n`);
    renameSync(`${file}.new`, file);
  } finally {
    release();
  }
}

/** Held for milliseconds: one that stays belongs to a process that was killed, and is named. */
async function lock(path: string): Promise<() => void> {
  for (let tries = 0; ; tries++)
    try {
      closeSync(openSync(path, 'wx'));
      return () => rmSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (tries > 1_000) throw new Error(`${path} is left of a call that was killed: remove it.`, { cause: error });
      await sleep(10);
    }
}

export const isOf =
  ({ harness, seed }: Pick<CellRow, 'harness' | 'seed'>, cell: Cell) =>
  (row: CellRow): boolean =>
    row.harness === harness && row.seed === seed && nameOf(row) === nameOf(cell);
