/** Which commands a shell would run for a script, as far as that can be known before it runs. No expression is matched on the text. */
import { forEachChild, parse, type Command, type Redirect, type SyntaxNode } from 'unbash';
import { carriedBy } from './disguises.ts';
import { UNKNOWN, wordOf, type Words } from './words.ts';

export interface ReadScript {
  /** The simple commands that stand in the script, those of `$(…)`, functions and `sh -c '…'` too: what an allow must cover, each one. */
  readonly commands: readonly SimpleCommand[];
  /** What these may run in turn (`sudo`, `env`, `xargs` …): guessed too widely rather than missed, for asks and denies. */
  readonly carried: readonly Words[];
  /** False: something runs that cannot be read here. Every ask and deny holds, no allow does. */
  readonly resolved: boolean;
  /** Nothing but plain commands: no variable is set for them, no file written to, no function defined. */
  readonly plain: boolean;
}

export interface SimpleCommand {
  readonly words: Words;
  /** How many of its first words say what is run: two of `sudo make`. */
  readonly named: number;
}

/** A script that is larger, hides its commands deeper, or names more that may be run, is not read to its end. */
const PARTS_MAX = 20_000;
const NESTED_MAX = 300;
const DEPTH_MAX = 8;
const CARRIED_MAX = 200;

export function readScript(script: string): ReadScript {
  const found = { commands: [] as SimpleCommand[], carried: [] as Words[], resolved: true, plain: true };
  let parts = 0;
  read(script, 0);
  return found;

  function read(text: string, depth: number): void {
    if (depth > DEPTH_MAX) found.resolved = false;
    else visit(parse(text), { depth, nested: 0 });
  }

  function visit(node: SyntaxNode, at: { readonly depth: number; readonly nested: number }): void {
    if (++parts > PARTS_MAX || at.nested > NESTED_MAX) found.resolved = false;
    if (!found.resolved) return; // every ask and deny holds already, no allow does
    if (node.type === 'Script' && 'errors' in node && node.errors && node.errors.length > 0) found.resolved = false;
    if ((node.type === 'CommandExpansion' || node.type === 'ProcessSubstitution') && !node.script)
      found.resolved = false;
    if (node.type === 'Function' || node.type === 'Coproc') found.plain = false;
    if (node.type === 'Redirect' && writes(node)) found.plain = false;
    if (node.type === 'Command') take(node, at.depth);
    const below = { ...at, nested: at.nested + 1 };
    forEachChild(node, (child) => visit(child, below));
  }

  function take({ name, prefix, args }: Command, depth: number): void {
    if (prefix.some(({ type }) => type === 'Assignment')) found.plain = false;
    if (!name) return;
    const words: Words = [wordOf(name), ...args.map(wordOf)];
    const command = { words, named: 1 };
    found.commands.push(command);
    command.named = follow(words, depth);
  }

  /** A command that runs others: `sh -c` for certain, `sudo` perhaps. Returns how many words say what is run. */
  function follow(words: Words, depth: number): number {
    const { scripts, commands, resolved } = carriedBy(words);
    if (!resolved || depth > DEPTH_MAX) found.resolved = false;
    for (const text of scripts) read(text, depth + 1);
    let named = 1;
    for (const inner of commands) {
      if (found.carried.length >= CARRIED_MAX) found.resolved = false;
      if (!found.resolved) return named;
      found.carried.push(inner.words);
      named = Math.max(named, inner.at + follow(inner.words, depth + 1));
    }
    return named;
  }
}

/** Into a file; not into nothing, and not into another descriptor. */
function writes({ operator, target }: Redirect): boolean {
  if (operator === '<' || operator === '<&') return false;
  const word = target ? wordOf(target) : UNKNOWN;
  const isDescriptor = operator === '>&' && word !== UNKNOWN && /^(\d+|-)$/.test(word);
  return !isDescriptor && word !== '/dev/null';
}
