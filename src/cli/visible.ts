/** Words of an agent on a terminal: what would move the cursor, hide or turn text is shown and not obeyed. */

/** Controls but newline and tab, turns of the writing direction, other line ends, lone surrogates, and letters that nobody sees. */
const OBEYED = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}\u{200b}-\u{200f}\u{2060}-\u{2064}\u{feff}]/gu;

/** The text, with each of these in the form `\u{1b}`; tabs and newlines stay. */
export const visible = (text: string): string =>
  text.replaceAll(OBEYED, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);
