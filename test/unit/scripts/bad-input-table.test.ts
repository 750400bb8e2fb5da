/** The table of bad input says enough of each kind, and nothing in it is an error of ours. */
import { expect, it } from 'vitest';
import { badInputTable, readBadInputResult } from '../../../scripts/docs/bad-input.ts';
import { withOthers } from '../../long/tables.ts';

const rows = readBadInputResult()?.rows ?? [];

it.each(['agent file', 'body of the API', 'prompt', 'wrong id', 'harness', 'no repository', 'repository'])(
  'has at least five cases of the kind: %s',
  (kind) => {
    expect(rows.filter((row) => row.kind === kind).length).toBeGreaterThanOrEqual(5);
  },
);

it('has the ways in which a machine fails', () => {
  const kinds = ['full disk', 'read-only data folder', 'locked store', 'store gone', 'broken store', 'clock'];
  expect(kinds.filter((kind) => !rows.some((row) => row.kind === kind))).toEqual([]);
});

it('has words for each refusal, and none is an error of Tackroom', () => {
  expect(rows.filter(({ ends, says }) => /^(exit [1-9]|[45]\d\d$)/.test(ends) && says === '')).toEqual([]);
  expect(rows.filter(({ ends, says }) => ends === '500' || /\binternal\b|Report it/.test(says))).toEqual([]);
  expect(badInputTable()).toContain(`${rows.length} cases`);
});

it('keeps the rows of the files that were not played', () => {
  const [a, b] = [
    { file: 'a', case: 'old' },
    { file: 'b', case: 'old' },
  ];
  expect(withOthers([a, b], [{ file: 'b', case: 'new' }])).toEqual([a, { file: 'b', case: 'new' }]);
  expect(withOthers([{ case: 'old' }], [{ case: 'new' }])).toEqual([{ case: 'new' }]); // where no file is named, the table is one
});
