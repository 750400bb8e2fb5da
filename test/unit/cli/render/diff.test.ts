import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineDiff } from '../../../../src/cli/render/diff.ts';
import { editsOf } from '../../../../src/cli/render/edits.ts';

describe('lineDiff', () => {
  it('keeps what both have, with two lines around it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng';
    const after = 'a\nb\nc\nX\ne\nf\ng';
    expect(lineDiff(before, after).map(({ sign, text }) => sign + text)).toEqual([' b', ' c', '-d', '+X', ' e', ' f']);
  });

  it('tells lines that stay between two that change', () => {
    expect(lineDiff('1\nsame\n2', 'one\nsame\ntwo').map(({ sign, text }) => sign + text)).toEqual([
      '-1',
      '+one',
      ' same',
      '-2',
      '+two',
    ]);
  });

  it('is a difference: what it calls old stands in the old text, what it calls new in the new one, and the rest is the same', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (old, now) => {
        const diff = lineDiff(old.join('\n'), now.join('\n'));
        const of = (sign: string) =>
          diff.filter((line) => line.sign === ' ' || line.sign === sign).map((line) => line.text);
        const rest = (all: readonly string[], part: readonly string[]) => {
          for (let at = 0; at + part.length <= all.length; at++)
            if (part.every((line, n) => all[at + n] === line))
              return [...all.slice(0, at), '|', ...all.slice(at + part.length)];
          return undefined;
        };
        const found = rest(old, of('-'));
        return found !== undefined && rest(now, of('+')) !== undefined;
      }),
    );
  });

  it('tells a text that is too large to compare as all of the old and all of the new', () => {
    const big = (word: string) => Array.from({ length: 600 }, (_, n) => `${word} ${n}`).join('\n');
    const signs = lineDiff(big('a'), big('b')).map(({ sign }) => sign);
    expect(signs).toEqual([...Array.from({ length: 600 }, () => '-'), ...Array.from({ length: 600 }, () => '+')]);
  });
});

describe('editsOf', () => {
  it('reads edits off the input, whatever the tool is called', () => {
    expect(editsOf({ file_path: 'a', old_string: 'x', new_string: 'y' })).toEqual([{ before: 'x', after: 'y' }]);
    expect(
      editsOf({
        edits: [
          { old_string: '1', new_string: '2' },
          { old_string: '3', new_string: '4' },
        ],
      }),
    ).toHaveLength(2);
    expect(editsOf({ path: 'a', content: 'new' })).toEqual([{ before: '', after: 'new' }]);
    for (const none of [{ command: 'ls' }, { content: 'words of a message' }, null, 'x', []])
      expect(editsOf(none)).toEqual([]);
  });
});
