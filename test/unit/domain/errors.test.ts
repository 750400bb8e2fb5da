/** The one table of refusals and errors. */
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  ERROR_KINDS,
  EXIT,
  isErrorCode,
  isRefusal,
  isTackError,
  refuse,
  TackError,
  type ErrorKind,
} from '../../../src/domain/errors.ts';

const rows = Object.entries(ERROR_KINDS) as [string, ErrorKind][];

describe('the table of errors', () => {
  it.each(rows)('%s has an HTTP status, an exit code, a title and a way out', (code, row) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(row.status).toBeGreaterThanOrEqual(400);
    expect(row.status).toBeLessThan(600);
    expect(Object.values(EXIT)).toContain(row.exit);
    expect(row.exit).not.toBe(EXIT.ok);
    expect(row.title).toMatch(/^[A-Z].*[^.]$|^git failed$/);
    expect(row.way_out).toMatch(/[.?]$/);
  });
  it('has every code that a session refuses with', () => {
    const codes =
      'session_not_found session_closed session_rolling queue_full turn_over approval_not_found approval_already_resolved approval_expired approval_not_expired digest_mismatch decision_invalid not_eligible workspace_dirty content_too_large';
    for (const code of codes.split(' ')) expect(isErrorCode(code)).toBe(true);
  });
  it('never says to try again what a person did wrong', () => {
    for (const [code, { exit, retryable }] of rows)
      if (exit === EXIT.usage) expect([code, retryable]).toEqual([code, false]);
  });
  it('has exit codes that a script can tell apart', () => {
    expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length);
  });
});

describe('an error that people see', () => {
  it('is known by its brand, also across realms', () => {
    const error = new TackError('queue_full', 'Full.', { data: { waiting: 50 }, cause: new Error('inner') });
    expect(isTackError(error)).toBe(true);
    expect([error.code, error.message, error.data, (error.cause as Error).message]).toEqual([
      'queue_full',
      'Full.',
      { waiting: 50 },
      'inner',
    ]);
    const foreign: unknown = runInNewContext(
      `Object.defineProperty(new Error('x'), Symbol.for('tackroom.error'), { value: true })`,
    );
    expect([isTackError(foreign), foreign instanceof Error]).toEqual([true, false]);
  });
  it.each([new Error('x'), { code: 'queue_full' }, null, undefined, 'queue_full'])('is not %j', (value) => {
    expect(isTackError(value)).toBe(false);
  });
  it('has no code that is only a name of every object', () => {
    for (const code of ['toString', 'constructor', '__proto__', '', 7]) expect(isErrorCode(code)).toBe(false);
  });
});

describe('a refusal', () => {
  it('is a value', () => {
    expect(refuse('turn_over', 'Over.')).toEqual({ refused: 'turn_over', message: 'Over.' });
    expect(isRefusal(refuse('turn_over', 'Over.', { turn_id: 'trn_1' }))).toBe(true);
    for (const value of [null, [], {}, 'refused']) expect(isRefusal(value)).toBe(false);
  });
});
