/** Words of a model, a tool or a repository on their way to a terminal: what would steer it is shown instead of obeyed. */

const ESC = String.fromCharCode(27);
/** Controls but newline and tab, turns of the writing direction, other line ends, and letters that nobody sees. */
const STEERS =
  '(?![\\n\\t])[\\p{Cc}\\p{Bidi_Control}\\p{Zl}\\p{Zp}\\p{Cs}\\u{200b}\\u{2060}\\u{feff}\\u{e0000}-\\u{e007f}]';
const UNSAFE = new RegExp(STEERS, 'gu');
/** Colours of a tool's output are left out: shown as letters they would only be in the way. */
const COLOUR = new RegExp(`${ESC}\\[[0-9;:]*m`, 'g');
const OWN_COLOUR_OR_UNSAFE = new RegExp(`(${ESC}\\[\\d+m)|${STEERS}|\\n`, 'gu');

/** The text with its lines, harmless. A sequence that comes in two halves is harmless in each. */
export function printable(text: string): string {
  return text.replaceAll(COLOUR, '').replaceAll('\r\n', '\n').replaceAll(UNSAFE, visible);
}

/** The text as one line of at most `width` letters, harmless. */
export function oneLine(text: string, width: number): string {
  return shortened(
    printable(text.trim())
      .replaceAll(/\s*\n\s*/g, ' ⏎ ')
      .replaceAll('\t', ' '),
    width,
  );
}

/** Cut with a sign that something is missing. */
export function shortened(line: string, width: number): string {
  if (line.length <= width) return line;
  const letters = Array.from(lettersIn(line), ({ segment }) => segment);
  return letters.length <= width ? line : `${letters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
let segmenter: Intl.Segmenter | undefined; // made where it is needed: it takes as long as all else of a short command
const lettersIn = (line: string) => (segmenter ??= new Intl.Segmenter()).segment(line);

/** The last look at a line of ours: its colours stay, whatever was forgotten on the way is shown. */
export const guarded = (line: string): string =>
  line.replaceAll(OWN_COLOUR_OR_UNSAFE, (found: string, colour: string | undefined) => colour ?? visible(found));

/** Lines of a text without the empty ones at its end, tabs as spaces. */
export const linesOf = (text: string): string[] =>
  printable(text).replace(/\s+$/, '').replaceAll('\t', '  ').split('\n');

/** ESC becomes ␛, and what has no picture its number. */
function visible(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  if (letter === '\n') return '⏎';
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
