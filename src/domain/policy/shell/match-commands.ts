/** Whether a script runs a command of a list. Asks and denies match what it may run, an allow what it surely runs and nothing else. */
import type { ReadScript, SimpleCommand } from './read-script.ts';
import { programOf, UNKNOWN, type Word, type Words } from './words.ts';

/** First words, such as `git push`. */
export type CommandPattern = readonly string[];

export function compileCommand(text: string): CommandPattern {
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length === 0) throw new TypeError('an empty command');
  return words;
}

export function mayRun({ commands, carried, resolved }: ReadScript, patterns: readonly CommandPattern[]): boolean {
  const all = [...commands.map(({ words }) => words), ...carried];
  return !resolved || all.some((words) => patterns.some((pattern) => mayBe(asGit(words), pattern)));
}

/** What runs another command is covered by a pattern that names that one too: `sudo make`, not `sudo`. */
export function runsOnly({ commands, resolved, plain }: ReadScript, patterns: readonly CommandPattern[]): boolean {
  const isCovered = ({ words, named }: SimpleCommand) =>
    patterns.some((pattern) => pattern.length >= named && pattern.every((word, at) => words[at] === word));
  return resolved && plain && commands.length > 0 && commands.every(isCovered);
}

/**
 * Options between the first words are passed over, each with one word after it that may be its value; an option in the
 * pattern may stand anywhere; an unknown word may be any words.
 */
function mayBe(words: Words, [name = '', ...rest]: CommandPattern): boolean {
  const program = programOf(words);
  if (program === UNKNOWN) return true;
  const args = words.slice(1);
  if (program !== programOf([name])) return false;
  const options = rest.filter((word) => word.startsWith('-'));
  const first = rest.filter((word) => !word.startsWith('-'));
  return options.every((option) => mayHave(args, option)) && mayBegin(args, first);
}

function mayBegin(args: Words, wanted: readonly string[]): boolean {
  let found = 0;
  let value_may_follow = false;
  for (const word of args) {
    if (found === wanted.length || word === UNKNOWN) return true;
    if (word === wanted[found]) {
      found++;
      value_may_follow = false;
    } else if (word.startsWith('-')) value_may_follow = !word.includes('=');
    else if (value_may_follow) value_may_follow = false;
    else return false;
  }
  return found === wanted.length;
}

/** `-rf` is also found as `-fr` and as `-r -f`. */
function mayHave(args: Words, option: string): boolean {
  if (args.some((word) => word === UNKNOWN || word === option || word.startsWith(`${option}=`))) return true;
  if (!/^-\w+$/.test(option)) return false;
  const letters = new Set(args.flatMap((word) => (word !== UNKNOWN && /^-\w/.test(word) ? word.split('') : [])));
  return option.split('').every((letter) => letters.has(letter));
}

/** `git-push` is `git push`, and with an alias any word may be any other. */
function asGit(words: Words): Words {
  const program = programOf(words);
  if (program === UNKNOWN || !/^git(-.+)?$/.test(program)) return words;
  if (words.some((word) => word !== UNKNOWN && word.includes('alias.'))) return ['git', UNKNOWN];
  return program === 'git' ? words : ['git', program.slice('git-'.length) as Word, ...words.slice(1)];
}
