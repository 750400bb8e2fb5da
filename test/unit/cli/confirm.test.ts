/** The question before a pattern is allowed: only a yes is one. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { confirm } from '../../../src/cli/confirm.ts';

describe('confirm', () => {
  it.each([
    ['y\r', true],
    ['Yes\r', true],
    ['\r', false],
    ['yesterday\r', false],
    ['\u0003', false], // Ctrl-C
    ['\u0004', false], // Ctrl-D
  ])('takes %j as %s', async (keys, agreed) => {
    const stdin = new PassThrough();
    const answer = confirm({ stdin: stdin as unknown as NodeJS.ReadStream }, 'Allow all of this?');
    stdin.write(keys);
    expect(await answer).toBe(agreed);
  });
});
