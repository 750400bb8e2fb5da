import { describe, expect, it } from 'vitest';
import { edit, NOTHING_TYPED, type Key, type Meaning, type Typed } from '../../../../src/cli/watch/line-editor.ts';

/** Types keys one after the other; a letter stands for itself. */
function typing(keys: readonly (string | Key)[]): { readonly text: string; readonly meanings: readonly Meaning[] } {
  let typed: Typed = NOTHING_TYPED;
  const meanings = keys.map((key) => {
    const meaning = typeof key === 'string' ? edit(typed, key, { sequence: key }) : edit(typed, key.sequence, key);
    typed = meaning.kind === 'typed' ? meaning.typed : NOTHING_TYPED;
    return meaning;
  });
  return { text: typed.text, meanings };
}
const ENTER: Key = { name: 'return', sequence: '\r' };
const ctrl = (name: string): Key => ({ name, ctrl: true, sequence: '\u0003' });

describe('edit', () => {
  it('writes, takes back and sends', () => {
    expect(typing(['a', 'b', '日', { name: 'backspace', sequence: '\u007f' }]).text).toBe('ab');
    expect(typing(['o', 'k', ENTER]).meanings.at(-1)).toEqual({ kind: 'submit', line: 'ok' });
    expect(typing(['o', 'n', 'e', ' ', 't', ctrl('w')]).text).toBe('one ');
    expect(typing(['o', 'n', 'e', ctrl('u')]).text).toBe('');
    expect(typing(['o', 'n', 'e', { name: 'escape', sequence: '\u001b' }]).text).toBe('');
  });

  it('clears a line by Ctrl-C before it interrupts, and leaves by Ctrl-D on an empty line only', () => {
    expect(typing(['a', ctrl('c')]).meanings.at(-1)).toMatchObject({ kind: 'typed', typed: { text: '' } });
    expect(typing([ctrl('c')]).meanings).toEqual([{ kind: 'interrupt' }]);
    expect(typing(['a', ctrl('d')]).text).toBe('a');
    expect(typing([ctrl('d')]).meanings).toEqual([{ kind: 'leave' }]);
  });

  it('never sends what is pasted: no paste answers an approval', () => {
    const pasted = typing([{ name: 'paste-start' }, 'y', ENTER, 'n', { name: 'paste-end' }]);
    expect(pasted.meanings.every(({ kind }) => kind === 'typed')).toBe(true);
    expect(pasted.text).toBe('y\nn');
    expect(typing(['y', ENTER]).meanings.at(-1)).toEqual({ kind: 'submit', line: 'y' });
  });

  it('writes nothing for arrows and other keys', () => {
    for (const key of [
      { name: 'up', sequence: '\u001b[A' },
      { name: 'f1', sequence: '\u001bOP' },
      { name: 'x', meta: true, sequence: '\u001bx' },
    ])
      expect(typing([key]).text).toBe('');
  });
});
