import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { paintPatch } from '../../../src/cli/patch-colors.ts';

const PATCH = ['diff --git a/x b/x', '--- a/x', '+++ b/x', '@@ -1,3 +1,3 @@', ' same', '-- old', '++ new', ''].join(
  '\n',
);

describe('paintPatch', () => {
  it('tells the head of a file from its changed lines, and leaves the text as it is', () => {
    const colors = createColors(true);
    expect(paintPatch(PATCH, colors).split('\n')).toEqual([
      colors.bold('diff --git a/x b/x'),
      colors.bold('--- a/x'),
      colors.bold('+++ b/x'),
      colors.cyan('@@ -1,3 +1,3 @@'),
      ' same',
      colors.red('-- old'),
      colors.green('++ new'),
      '',
    ]);
    expect(paintPatch(PATCH, createColors(false))).toBe(PATCH);
  });

  it('paints the statistics', () => {
    const colors = createColors(true);
    expect(paintPatch(' x | 3 ++-\n 1 file changed', colors)).toBe(
      ` x | 3 ${colors.green('++')}${colors.red('-')}\n 1 file changed`,
    );
  });
});
