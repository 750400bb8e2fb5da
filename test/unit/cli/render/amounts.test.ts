import { expect, it } from 'vitest';
import { count, duration, inBytes, plural } from '../../../../src/cli/render/amounts.ts';

it('says sizes, times and counts as people read them', () => {
  expect([0, 999, 1_000, 12_345_678, 123_456_789, 5_000_000_000].map(inBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '12.3 MB',
    '123 MB',
    '5.0 GB',
  ]);
  expect([3, 1_234, 61_000, 7_200_000, 259_140_000 + 59_990].map(duration)).toEqual([
    '3 ms',
    '1.2 s',
    '1 min 1 s',
    '2 h',
    '72 h',
  ]);
  expect([count(1_234_567), plural(1, 'call'), plural(2, 'call')]).toEqual(['1,234,567', '1 call', '2 calls']);
});
