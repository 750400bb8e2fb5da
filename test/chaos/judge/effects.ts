/** The file that every command appends to: each command has run once. Pure. */
import type { RecordedRequest } from '../../../src/demo/model-server/record.ts';
import type { StoredEvent } from '../../support/stored-log.ts';
import type { Command } from '../story.ts';
import type { Violation } from '../violation.ts';

/** What the agent was told about its calls: of a real one the model knows, of a scripted one the log. */
interface Told {
  readonly requests: readonly RecordedRequest[];
  readonly log: readonly StoredEvent[];
  /** What stood in the file when the next attempt began; null when the attempt lived on. */
  readonly at_next: readonly string[] | null;
}

/**
 * A command that was cut off, and of which the agent was told that nobody knows its result, may have left less. It may have
 * run again as often as the model asked for it after that: that is the model's to decide.
 */
export function judgeEffects(
  effects: readonly string[],
  commands: readonly Command[],
  told: Told,
): readonly Violation[] {
  const known = new Set(commands.flatMap(({ leaves }) => leaves));
  const strange = effects.filter((line) => !known.has(line));
  return [
    ...strange.map((line) => seen(`nobody asked for ${JSON.stringify(line)}`)),
    ...commands.flatMap((command) => judgeCommand(command, effects, told)),
    ...judgeOrder(effects, [...known]),
  ];
}

function judgeCommand({ command, leaves }: Command, effects: readonly string[], told: Told): readonly Violation[] {
  const { is_unknown, asked_again } = toldOf(command, told);
  return leaves.flatMap((word) => {
    const times = timesOf(word, effects);
    if (is_unknown && asked_again === 0 && told.at_next && times > timesOf(word, told.at_next))
      return [seen(`${word} was left by a process whose attempt was over`)];
    const [least, most] = is_unknown ? [0, 1 + asked_again] : [1, 1];
    return times >= least && times <= most
      ? []
      : [seen(`${word} ${times} times, ${least === most ? most : `${least} to ${most}`} expected`)];
  });
}

const timesOf = (word: string, effects: readonly string[]): number => effects.filter((line) => line === word).length;

/** By the first time of each. */
function judgeOrder(effects: readonly string[], words: readonly string[]): readonly Violation[] {
  const order = [...new Set(effects)].filter((word) => words.includes(word));
  const right = words.filter((word) => order.includes(word));
  return order.join() === right.join() ? [] : [seen(`the order is ${order.join(', ')}; said was ${right.join(', ')}`)];
}

const seen = (what: string): Violation => ({ oracle: 'effects file', what });

function toldOf(
  command: string,
  { requests, log }: Told,
): { readonly is_unknown: boolean; readonly asked_again: number } {
  if (requests.length === 0)
    return {
      is_unknown: log.some((event) => unknownIn(event).some((title) => isCalled(title, command))),
      asked_again: 0,
    };
  const told = requests.findIndex(({ last }) =>
    last.split('\n').some((line) => line.includes('its result is unknown') && isCalled(titleIn(line), command)),
  );
  const asked = requests.filter(({ calls }, n) => n >= told && calls.some(({ input }) => inputOf(input) === command));
  return told < 0 ? { is_unknown: false, asked_again: 0 } : { is_unknown: true, asked_again: asked.length };
}

const unknownIn = ({ data }: StoredEvent): readonly string[] =>
  ((data['unknown_calls'] ?? []) as readonly { readonly title: string }[]).map(({ title }) => title);
const titleIn = (line: string): string => /Your call `([^`]*)`/.exec(line)?.[1] ?? '';
const inputOf = (input: unknown): unknown => (input as { readonly command?: unknown } | null)?.command;

/** A title shortens a long command. */
const isCalled = (title: string, command: string): boolean =>
  title !== '' && command.startsWith(title.replace(/…$/, '').trim());
