import { describe, expect, it } from 'vitest';
import { wantedOf } from '../../chaos/arguments.ts';
import { AROUND_MS, cellsFor, nameOf, roundsOf, type Round } from '../../chaos/cells.ts';

const all = { cells: cellsFor('all'), rounds: 20, seed: 1, shard: [1, 1] } as const;
const idOf = (round: Round) => `${nameOf(round)}#${round.round}`;

describe('the cells of chaos', () => {
  it('are each victim in each moment, and named one by one, by victim or by moment', () => {
    expect(cellsFor('all')).toHaveLength(42);
    expect(cellsFor('worker/tool-running').map(nameOf)).toEqual(['worker/tool-running']);
    expect(cellsFor('worker')).toHaveLength(7);
    expect(cellsFor('idle,worker/idle')).toHaveLength(6);
  });

  it('are divided among shards without rest and without double', () => {
    const parts = [1, 2, 3].flatMap((own) => roundsOf({ ...all, shard: [own, 3] }));
    expect(parts).toHaveLength(42 * 20);
    expect(new Set(parts.map(idOf))).toEqual(new Set(roundsOf(all).map(idOf)));
  });

  it('are killed at the same times by the same seed, at others by another, around the moment', () => {
    const offsets = (seed: number) => roundsOf({ ...all, seed }).map(({ offset_ms }) => offset_ms);
    expect(offsets(1)).toEqual(offsets(1));
    expect(offsets(1)).not.toEqual(offsets(2));
    expect(offsets(1).every((ms) => Math.abs(ms) <= AROUND_MS)).toBe(true);
    expect(offsets(1).some((ms) => ms < 0) && offsets(1).some((ms) => ms > 0)).toBe(true);
  });
});

describe('the words of chaos', () => {
  it('have defaults', () => {
    expect(wantedOf([])).toMatchObject({ harness: 'claude-code', rounds: 3, seed: 1, shard: [1, 1], guard: null });
    expect(wantedOf(['--help'])).toBeNull();
  });

  it.each([
    [['--cells', 'worker/idel'], 'worker/idel'],
    [['--cells', ''], '""'],
    [['--rounds', '0'], '--rounds'],
    [['--seed', 'x'], '--seed'],
    [['--shard', '3/2'], '--shard'],
    [['--break', 'nothing'], 'epoch, dedupe, grant, outbox, fence'],
    [['--harness', 'codex'], 'claude-code, scripted'],
    [['--what'], '--what'],
  ])('%j is answered with what is wrong', (words, said) => {
    expect(() => wantedOf(words)).toThrow(said);
  });
});
