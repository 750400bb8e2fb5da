/** One line that is typed: pure. What is pasted never submits, so that no paste answers an approval. */

export interface Key {
  readonly sequence?: string | undefined;
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
}

export interface Typed {
  readonly text: string;
  readonly is_pasting: boolean;
}
export const NOTHING_TYPED: Typed = { text: '', is_pasting: false };

export type Meaning =
  | { readonly kind: 'typed'; readonly typed: Typed }
  | { readonly kind: 'submit'; readonly line: string }
  /** Ctrl-C on an empty line. */
  | { readonly kind: 'interrupt' }
  /** Ctrl-D on an empty line. */
  | { readonly kind: 'leave' };

export function edit(typed: Typed, letter: string | undefined, key: Key): Meaning {
  const to = (text: string): Meaning => ({ kind: 'typed', typed: { ...typed, text } });
  if (key.name === 'paste-start' || key.name === 'paste-end')
    return { kind: 'typed', typed: { ...typed, is_pasting: key.name === 'paste-start' } };
  if (key.name === 'return' || key.name === 'enter')
    return typed.is_pasting ? to(`${typed.text}\n`) : { kind: 'submit', line: typed.text };
  if (key.name === 'backspace') return to(typed.text.replace(/.$/su, ''));
  if (key.ctrl) return control(typed, key, to);
  if (key.name === 'escape') return to('');
  return to(key.meta || letter === undefined || !isWritten(letter) ? typed.text : typed.text + letter);
}

function control(typed: Typed, { name }: Key, to: (text: string) => Meaning): Meaning {
  if (name === 'c') return typed.text === '' ? { kind: 'interrupt' } : to('');
  if (name === 'd') return typed.text === '' ? { kind: 'leave' } : to(typed.text);
  if (name === 'u') return to('');
  if (name === 'w') return to(typed.text.replace(/\S*\s*$/, ''));
  return to(typed.text);
}

/** Keys such as the arrows come as sequences that nobody meant to write. */
const isWritten = (letter: string): boolean => letter === '\t' || !/\p{Cc}/u.test(letter);
