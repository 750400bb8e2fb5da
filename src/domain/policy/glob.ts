/**
 * Globs over the names of a path: `*` and `?` stay within a name and match dot files too, `**` spans folders, `[a-z]` is one
 * letter, `{a,b}` one of several, `\` takes the next letter as it is. `secrets/**` and `secrets/` cover the folder itself.
 */
import { ANY, fitsAll } from './wildcard.ts';

export type Glob = (names: readonly string[]) => boolean;

const ALTERNATIVES_MAX = 256;

/** Throws on what is no glob. */
export function compileGlob(pattern: string): Glob {
  const alternatives = alternativesOf(pattern).map((text) =>
    namesOf(text).map((name) => (name === '**' ? ANY : nameFits(name))),
  );
  return (names) => alternatives.some((parts) => fitsAll(parts, names, (fits, name) => fits(name)));
}

/** `*` as any letters at all, for names that are no paths. */
export const compileName = nameFits;

/** A name that matches itself alone. */
export const literally = (name: string): string => name.replaceAll(/[\\*?[\]{},]/g, '\\$&');

function namesOf(text: string): readonly string[] {
  const names = text.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw new TypeError(`${text}: \`..\` leads out of the pattern`);
  return text.endsWith('/') ? [...names, '**'] : names;
}

type Letter = (letter: string) => boolean;

function nameFits(name: string): (text: string) => boolean {
  const letters: (Letter | typeof ANY)[] = [];
  for (let at = 0; at < name.length; at++) {
    const letter = name.charAt(at);
    if (letter === '*') letters.push(ANY);
    else if (letter === '?') letters.push(() => true);
    else if (letter === '[') {
      const end = name.indexOf(']', at + 2);
      if (end < 0) throw new TypeError(`${name}: \`[\` is not closed`);
      letters.push(oneOf(name.slice(at + 1, end)));
      at = end;
    } else {
      const literal = letter === '\\' ? name.charAt(++at) : letter;
      letters.push((met) => met === literal);
    }
  }
  return (text) => fitsAll(letters, text, (fits, letter: string) => fits(letter));
}

function oneOf(set: string): Letter {
  const negated = /^[!^]/.test(set);
  const members = negated ? set.slice(1) : set;
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at++) {
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    ranges.push([members.charAt(at), members.charAt(isRange ? at + 2 : at)]);
    if (isRange) at += 2;
  }
  return (letter) => ranges.some(([from, to]) => letter >= from && letter <= to) !== negated;
}

/** Without braces: the first group is written out, then what is left. */
function alternativesOf(pattern: string): readonly string[] {
  const done: string[] = [];
  const todo = [pattern];
  for (let text = todo.pop(); text !== undefined; text = todo.pop()) {
    const group = firstGroup(text);
    if (!group) done.push(text);
    else todo.push(...group.options.map((option) => group.before + option + group.after));
    if (done.length + todo.length > ALTERNATIVES_MAX)
      throw new TypeError(`${pattern}: more than ${ALTERNATIVES_MAX} alternatives`);
  }
  return done;
}

function firstGroup(text: string) {
  const start = unescaped(text, '{');
  if (start < 0) return null;
  const options: string[] = [];
  let from = start + 1;
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const letter = text[at];
    if (letter === '\\') at++;
    else if (letter === '{') depth++;
    else if (letter === ',' && depth === 0) {
      options.push(text.slice(from, at));
      from = at + 1;
    } else if (letter === '}' && depth-- === 0)
      return { before: text.slice(0, start), options: [...options, text.slice(from, at)], after: text.slice(at + 1) };
  }
  throw new TypeError(`${text}: \`{\` is not closed`);
}

function unescaped(text: string, wanted: string): number {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === wanted) return at;
  }
  return -1;
}
