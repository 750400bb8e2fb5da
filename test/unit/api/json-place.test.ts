import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFailure } from '../../../src/api/server/json-body.ts';
import { jsonMistake } from '../../../src/api/server/json-place.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('jsonMistake', () => {
  it.each([
    ['{"agent": }', 10, 'a value'],
    ['{', 1, 'a key in quotes or }'],
    ['{"a":1,}', 7, 'a key in quotes'],
    ['hello', 0, 'a value'],
    ['[1,2', 4, ', or ]'],
    ['{"a":1} x', 8, 'nothing more'],
    ['{"a" 1}', 5, ':'],
    ['', 0, 'a value'],
  ])('finds the place in %s', (text, index, expected) => {
    expect(jsonMistake(text)).toEqual({ index, expected });
  });

  it('agrees with the parser on every text', () => {
    const marks = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"a"',
      '"\\u00e9"',
      '1',
      '-0.5e3',
      '01',
      'true',
      'nul',
      ' ',
      '\n',
      '"',
      '\\',
    );
    const texts = fc.oneof(
      fc.array(marks, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.json(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(jsonMistake(text) === null).toBe(isJson(text));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('jsonFailure', () => {
  it('names line and column, and quotes nothing of the body', () => {
    const { code, message, data } = jsonFailure('{\n  "secret": sk-ant-canary\n}');
    expect({ code, message, data }).toEqual({
      code: 'json_invalid',
      message: 'body line 2 column 13: expected a value',
      data: { errors: [{ place: 'body line 2 column 13', message: 'expected a value' }] },
    });
  });
});
