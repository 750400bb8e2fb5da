/** `tack complete -- <words>`: what the shell asks at each TAB. Made of the rows of the commands; only the one that is typed is loaded. */
import type { Row } from '../command.ts';
import { parserOf } from '../help.ts';
import { namesOf, type Names } from './names.ts';

/** A candidate and what it means. */
export type Candidate = readonly [name: string, title: string];

/** What may stand in place of the last word. `ask` is called only where a name of the server is wanted. */
export async function candidates(
  words: readonly string[],
  rows: readonly Row[],
  ask: () => Promise<Names>,
): Promise<readonly Candidate[]> {
  const current = words.at(-1) ?? '';
  const fits = ([name]: Candidate): boolean => name.startsWith(current);
  if (words.length <= 1) return rows.map(({ name, summary }): Candidate => [name, summary]).filter(fits);
  const row = rows.find(({ name }) => name === words[0]);
  if (!row) return [];
  const { options, registeredArguments } = parserOf(await row.load());
  if (current.startsWith('-'))
    return options.map(({ long, short, description }): Candidate => [long ?? short ?? '', description]).filter(fits);
  const isValueOf = (word: string | undefined) =>
    options.find(({ long, short, required }) => required && word !== undefined && (word === long || word === short));
  const before = words.slice(1, -1).filter((word, n) => !word.startsWith('-') && !isValueOf(words[n]));
  const wanted = isValueOf(words.at(-2)) ?? registeredArguments[before.length] ?? null;
  const kind = wanted && namesOf(wanted.description);
  return kind ? (await ask())[kind].filter(fits) : [];
}
