/** The words of a command as far as they are known before it runs. */
import type { Assignment, Word as Parsed, WordPart } from 'unbash';

/** A word that only the shell will know: a variable, the output of a command, a pattern of files. */
export const UNKNOWN = Symbol('unknown');
export type Word = string | typeof UNKNOWN;
export type Words = readonly Word[];

/** Parts whose text stands in the script. */
const KNOWN: ReadonlySet<WordPart['type']> = new Set(['Literal', 'SingleQuoted', 'AnsiCQuoted']);

export function wordOf(parsed: Parsed | Assignment): Word {
  if (parsed.type === 'Assignment') {
    const { name, value, append, index } = parsed;
    if (value.type === 'ArrayValue' || index) return UNKNOWN;
    const known = wordOf(value);
    return known === UNKNOWN ? UNKNOWN : `${name}${append ? '+=' : '='}${known}`;
  }
  return (parsed.parts ?? []).every(isKnown) ? parsed.value : UNKNOWN;
}

function isKnown(part: WordPart): boolean {
  if (part.type === 'DoubleQuoted' || part.type === 'LocaleString') return part.parts.every(isKnown);
  return KNOWN.has(part.type);
}

/** The program that the first word names, without its folder. */
export function programOf([name = UNKNOWN]: Words): Word {
  return name === UNKNOWN ? UNKNOWN : name.slice(name.lastIndexOf('/') + 1);
}
