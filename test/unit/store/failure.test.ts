import { describe, expect, it } from 'vitest';
import { ERROR_KINDS, isTackError } from '../../../src/domain/errors.ts';
import { isBusy, storeFailure } from '../../../src/store/sqlite/failure.ts';

const said = (errcode: number) => Object.assign(new Error('words of SQLite'), { code: 'ERR_SQLITE_ERROR', errcode });

describe('what SQLite says', () => {
  it.each([
    ['SQLITE_BUSY', 5, 'store_unavailable'],
    ['SQLITE_BUSY_SNAPSHOT', 517, 'store_unavailable'],
    ['SQLITE_READONLY', 8, 'store_unavailable'],
    ['SQLITE_READONLY_DBMOVED', 1032, 'store_unavailable'],
    ['SQLITE_IOERR_FSYNC', 1034, 'store_unavailable'],
    ['SQLITE_FULL', 13, 'store_unavailable'],
    ['SQLITE_CANTOPEN', 14, 'store_unavailable'],
    ['SQLITE_CORRUPT', 11, 'store_corrupt'],
    ['SQLITE_CORRUPT_INDEX', 779, 'store_corrupt'],
    ['SQLITE_NOTADB', 26, 'store_corrupt'],
  ] as const)('%s is an error of the table', (_name, errcode, code) => {
    const error = storeFailure(said(errcode), 'store.db');
    expect(isTackError(error) && { code: error.code, names_the_file: error.message.includes('store.db') }).toEqual({
      code,
      names_the_file: true,
    });
    expect(ERROR_KINDS[code].retryable).toBe(code === 'store_unavailable');
  });

  it('leaves everything else as it is: a mistake of ours is no trouble with the disk', () => {
    for (const error of [said(19), said(1), new Error('x'), null, undefined, 'text'])
      expect(storeFailure(error, 'store.db')).toBe(error);
  });

  it('tells what may work at once', () => {
    expect([5, 261, 517, 6, 13, 19].map((errcode) => isBusy(said(errcode)))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
