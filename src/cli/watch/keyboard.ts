/** The person's keys, one by one; the terminal is given back as it was. */
import { emitKeypressEvents } from 'node:readline';
import { edit, NOTHING_TYPED, type Key, type Typed } from './line-editor.ts';

export interface KeyboardUse {
  /** What is typed so far. */
  readonly typed: (text: string) => void;
  readonly submit: (line: string) => void;
  readonly interrupt: () => void;
  readonly leave: () => void;
}

const PASTE_ON = '\u001b[?2004h';
const PASTE_OFF = '\u001b[?2004l';

/** Answers the function that gives the terminal back. */
export function openKeyboard(stdin: NodeJS.ReadStream, row: (text: string) => void, use: KeyboardUse): () => void {
  let typed: Typed = NOTHING_TYPED;
  const onKey = (letter: string | undefined, key: Key): void => {
    const meaning = edit(typed, letter, key);
    typed = meaning.kind === 'typed' ? meaning.typed : NOTHING_TYPED;
    switch (meaning.kind) {
      case 'typed':
        return use.typed(typed.text);
      case 'submit':
        use.submit(meaning.line);
        return use.typed('');
      case 'interrupt':
        return use.interrupt();
      case 'leave':
        return use.leave();
    }
  };
  const onEnd = (): void => use.leave();
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on('keypress', onKey);
  stdin.on('end', onEnd);
  stdin.resume();
  row(PASTE_ON);
  const close = (): void => {
    process.off('exit', close);
    stdin.off('keypress', onKey);
    stdin.off('end', onEnd);
    stdin.setRawMode(false);
    stdin.pause();
    row(PASTE_OFF);
  };
  process.on('exit', close);
  return close;
}
