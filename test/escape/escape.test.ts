/** Everything of the table is tried from the bare machine, where it works, and from inside, where it does not. */
import { beforeAll, describe, expect, it } from 'vitest';
import { IS_ROOT, ONLY_ROOT } from '../support/ordinary-user.ts';
import { playAsBoth, timesOf, type AsBoth } from './as-both.ts';
import type { Played } from './play.ts';
import { ESCAPED, FAILED, type Row } from './rows.ts';
import { ATTEMPTS } from './table.ts';

describe('the escape suite', () => {
  let both: AsBoth;
  beforeAll(async () => {
    both = await playAsBoth();
    console.log(timesOf(both));
  }, 900_000);

  const words = ({ id, attempt }: Pick<Row, 'id' | 'attempt'>) => `${id} ${attempt}`;
  const saw =
    (rows: readonly Played[] = []) =>
    (row: Row) =>
      `${words(row)}: ${JSON.stringify(rows.find((one) => one.id === row.id && one.attempt === row.attempt))}`;

  it('tries every row', () => {
    expect(both.rows.map(words)).toEqual(ATTEMPTS.map(words));
    expect(new Set(both.rows.map(words)).size).toBe(ATTEMPTS.length);
  });

  it('has a control for each: without a sandbox it works, or the machine lacks what it takes', () => {
    expect(
      both.rows.filter(({ control }) => control === FAILED).map(saw(both.played.root ?? both.played.user)),
    ).toEqual([]);
    const works = both.rows.filter(({ control }) => control === 'works').length;
    expect(works).toBeGreaterThan(both.rows.length * (IS_ROOT ? 0.9 : 0.75));
  });

  it('lets nothing through as an ordinary user', () => {
    expect(both.rows.filter(({ user }) => user === ESCAPED).map(saw(both.played.user))).toEqual([]);
    expect(both.rows.filter(({ user }) => user === 'stopped')).toHaveLength(ATTEMPTS.length);
  });

  it.runIf(IS_ROOT)(`lets nothing through as root${ONLY_ROOT}`, () => {
    expect(both.rows.filter(({ root }) => root === ESCAPED).map(saw(both.played.root))).toEqual([]);
    expect(both.rows.filter(({ root }) => root === 'stopped')).toHaveLength(ATTEMPTS.length);
  });
});
