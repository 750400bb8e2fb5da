/** What only one place may do: read the environment, define an error, and speak on the console. */
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ERROR_KINDS, isErrorCode, isTackError, TackError, type ErrorCode } from '../../src/domain/errors.ts';
import { filesOf, linesWith } from './tracked.ts';

const src = filesOf('src/*.ts');
const without = (...paths: readonly string[]) => src.filter(({ path }) => !paths.includes(path));

describe('the environment', () => {
  it('is read in src/config.ts only', () => {
    expect(linesWith(src, /process\.env/).length).toBeGreaterThan(0); // the pattern does find it
    expect(linesWith(without('src/config.ts'), /\bprocess\s*\.\s*env\b|\benv\b.*from 'node:process'/)).toEqual([]);
  });
});

/** What one file of a folder tells another by throwing; nobody outside of it sees one. */
const SIGNALS = ['src/sandbox/broker/upstream.ts'];

describe('errors', () => {
  it('that people see are of one class', () => {
    const own = ['src/domain/errors.ts', ...SIGNALS];
    expect(linesWith(without(...own), /\bextends \w*(Error|Failure)\b/)).toEqual([]);
  });

  it('carry the brand, each code of the table, and are known by it across realms', () => {
    for (const code of Object.keys(ERROR_KINDS) as ErrorCode[]) {
      const error = new TackError(code, 'what happened');
      expect([isErrorCode(code), isTackError(error), error instanceof Error, error.name]).toEqual([
        true,
        true,
        true,
        'TackError',
      ]);
    }
    const foreign: unknown = runInNewContext('Object.assign(new Error("x"), { [Symbol.for("tackroom.error")]: true })');
    expect([foreign instanceof Error, isTackError(foreign)]).toEqual([false, true]);
    expect(isTackError(new Error('x'))).toBe(false);
  });

  it('are not swallowed without a word of why', () => {
    expect(linesWith(src, /catch( \([^)]*\))? \{\s*\}/)).toEqual([]);
  });
});

describe('the console', () => {
  it('belongs to the command line: roles write log lines', () => {
    const ours = src.filter(({ path }) => !path.startsWith('src/demo/')); // the project that the demo works on prints
    expect(linesWith(ours, /\bconsole\.\w+\(/)).toEqual([]);
  });
});
