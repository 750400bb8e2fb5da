/** Where the view is written: words and talk, and on a terminal the row at the bottom in which a person types. */
import { shortened } from '../render/printable.ts';
import type { Piece } from '../render/look.ts';

export interface Screen {
  print(pieces: readonly Piece[]): void;
  /** The question of the bottom row; null: a row only while something is typed. What is typed keeps the question it was begun under. */
  ask(question: string | null): void;
  /** What is typed so far: while there is something, everything else waits. */
  typed(text: string): void;
  /** Takes the row away and prints what waits. */
  close(): void;
}

export interface Writers {
  readonly words: (text: string) => void;
  readonly talk: (line: string) => void;
}

/** Nobody types: everything is written at once. */
export function plainScreen(writers: Writers): Screen {
  return {
    print: (pieces) => pieces.forEach(writerOf(writers)),
    ask: () => undefined,
    typed: () => undefined,
    close: () => undefined,
  };
}

const writerOf =
  ({ words, talk }: Writers) =>
  (piece: Piece): void =>
    piece.to === 'words' ? words(piece.text) : talk(piece.line);

/** Words and talk in one place: a line of words is broken where talk comes in between. */
export function together({ words, talk }: Writers): Writers & { endLine(): void } {
  let is_mid_line = false;
  /** The words' line was ended here, not by the words. */
  let was_broken = false;

  function endLine(): void {
    if (!is_mid_line) return;
    words('\n');
    is_mid_line = false;
    was_broken = true;
  }

  return {
    endLine,
    talk(line) {
      endLine();
      talk(line);
    },
    words(piece) {
      const text = was_broken ? piece.replace(/^\n/, '') : piece;
      was_broken = false;
      if (text === '') return;
      words(text);
      is_mid_line = !text.endsWith('\n');
    },
  };
}

const ERASE_ROW = '\r\u001b[2K';

/** One terminal for all of it. `row` writes without a newline. */
export function typingScreen({
  row,
  width,
  ...writers
}: Writers & { row(text: string): void; width(): number }): Screen {
  const waiting: Piece[] = [];
  const joined = together(writers);
  const write = writerOf(joined);
  let question: string | null = null;
  let text = '';
  /** Of the row as it stands. */
  let shown: string | null = null;
  let has_row = false;

  function erase(): void {
    if (has_row) row(ERASE_ROW);
    has_row = false;
  }

  function draw(): void {
    if (text === '') shown = question;
    if (text === '' && shown === null) return;
    joined.endLine();
    const asked = shortened(shown ?? '› ', Math.max(20, width() - 20));
    row(`${asked}${ending(text, width() - asked.length - 2)}`);
    has_row = true;
  }

  function flush(): void {
    for (const piece of waiting.splice(0)) write(piece);
  }

  return {
    print(pieces) {
      if (pieces.length === 0) return;
      waiting.push(...pieces);
      if (text !== '') return;
      erase();
      flush();
      draw();
    },
    ask(asked) {
      if (asked === question) return;
      question = asked;
      if (text !== '') return;
      erase();
      draw();
    },
    typed(now) {
      text = now;
      erase();
      if (text === '') flush();
      draw();
    },
    close() {
      question = null;
      text = '';
      erase();
      flush();
      joined.endLine();
    },
  };
}

/** The end of what is typed, as far as it fits: the row stays one row. Wide letters take two places. */
function ending(text: string, places: number): string {
  const letters = Array.from(new Intl.Segmenter().segment(text.replaceAll('\n', '⏎')), ({ segment }) => segment);
  let used = 0;
  const fits = letters.findLastIndex((letter) => (used += (letter.codePointAt(0) ?? 0) > 0x10ff ? 2 : 1) > places);
  return letters.slice(fits + 1).join('');
}
