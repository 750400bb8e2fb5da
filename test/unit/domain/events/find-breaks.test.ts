/** Whatever is done to a log's rows is found, and nothing is found where nothing was done. */
import { createHash } from 'node:crypto';
import { assert, array, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBreaks, type KnownHead, type StoredRow } from '../../../../src/domain/events/find-breaks.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const LOG = 'ses_a';
const genesis = sha256(LOG);

function chain(length: number, salt = ''): StoredRow[] {
  const rows: StoredRow[] = [];
  for (let n = 1; n <= length; n++) {
    const prev_hash = rows.at(-1)?.hash ?? genesis;
    rows.push({ at: n, n, is_sound: true, log_id: LOG, prev_hash, hash: sha256(`${prev_hash} ${n} ${salt}`) });
  }
  return rows;
}
const renumbered = (rows: readonly StoredRow[]) => rows.map((row, i) => ({ ...row, at: i + 1 }));
const headOf = (rows: readonly StoredRow[]): KnownHead => ({
  where: 'the head',
  seq: rows.length,
  hash: rows.at(-1)?.hash ?? genesis,
});
const found = (rows: readonly StoredRow[], heads: readonly KnownHead[], last_head = heads[0]?.seq ?? null) =>
  findBreaks({ log_id: LOG, genesis, rows, heads, last_head });

const DAMAGES: Readonly<Record<string, (rows: StoredRow[], i: number, j: number) => readonly StoredRow[]>> = {
  changed: (rows, i) => rows.with(i, { ...rows[i]!, is_sound: false }),
  deleted: (rows, i) => rows.toSpliced(i, 1),
  'deleted and closed up': (rows, i) => renumbered(rows.toSpliced(i, 1)),
  inserted: (rows, i) => renumbered(rows.toSpliced(i, 0, { ...rows[i]!, hash: sha256('forged'), is_sound: false })),
  'inserted twice': (rows, i) => renumbered(rows.toSpliced(i, 0, rows[i]!)),
  swapped: (rows, i, j) => renumbered(rows.with(i, rows[j]!).with(j, rows[i]!)),
  cut: (rows, i) => rows.slice(0, i),
  rewritten: (rows, i) => [...rows.slice(0, i), ...chain(rows.length, 'other').slice(i)],
};

describe('findBreaks', () => {
  it('finds nothing in a whole log, nor in one that grew since its heads were told', () => {
    assert(
      property(integer({ min: 0, max: 30 }), integer({ min: 0, max: 30 }), (length, known) => {
        const rows = chain(length);
        const heads = known > 0 && known <= length ? [headOf(rows.slice(0, known))] : [];
        expect(found(rows, heads, length || null)).toEqual([]);
      }),
    );
  });

  it('finds every damage, wherever it was done', () => {
    const places = record({
      length: integer({ min: 2, max: 25 }),
      i: integer({ min: 0, max: 24 }),
      j: integer({ min: 1, max: 24 }),
    });
    assert(
      property(constantFrom(...Object.keys(DAMAGES)), places, (kind, { length, i: a, j: b }) => {
        const rows = chain(length);
        const i = a % length;
        const j = (i + 1 + (b % (length - 1))) % length;
        const breaks = found(DAMAGES[kind]!(rows, i, j), [headOf(rows)]);
        expect(breaks.length, kind).toBeGreaterThan(0);
        const is_known_at_its_end = kind === 'rewritten' && i === 0; // all of it fits, but for the head
        const last = is_known_at_its_end ? length : Math.max(i, kind === 'swapped' ? j : i) + 2;
        expect(breaks[0]?.seq, kind).toBeLessThanOrEqual(last);
      }),
      { numRuns: 500 },
    );
  });

  it('finds what several damages leave, and ends', () => {
    const steps = array(record({ kind: constantFrom(...Object.keys(DAMAGES)), i: integer({ min: 0, max: 99 }) }), {
      maxLength: 5,
    });
    assert(
      property(steps, (done) => {
        const rows = chain(12);
        const damaged = done.reduce<readonly StoredRow[]>(
          (now, { kind, i }) => (now.length < 2 ? now : DAMAGES[kind]!([...now], i % now.length, (i + 1) % now.length)),
          rows,
        );
        const is_same = JSON.stringify(damaged) === JSON.stringify(rows);
        expect(found(damaged, [headOf(rows)]).length === 0).toBe(is_same);
      }),
      { numRuns: 500 },
    );
  });

  it('is not misled by a head that lies far ahead', () => {
    const heads = [{ where: 'the head', seq: 9e15, hash: sha256('x') }];
    expect(found(chain(3), heads)).toEqual([
      {
        kind: 'cut',
        seq: 4,
        problem: 'events 4 to 9000000000000000 are missing at the end: the head knows 9000000000000000',
      },
    ]);
  });
});
