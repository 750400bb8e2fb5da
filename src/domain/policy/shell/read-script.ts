/** Which commands a shell would run for a script, as far as that can be known before it runs. No expression is matched on the text. */
import { forEachChild, parse, type Command, type Redirect, type SyntaxNode } from 'unbash';
import { carriedBy } from './disguises.ts';
import { UNKNOWN, wordOf, type Words } from './words.ts';

export interface ReadScript {
  /** The simple commands that stand in the script, those of `$(…)`, functions and `sh -c '…'` too: what an allow must cover, each one. */
  readonly commands: readonly Words[];
  /** What these may run in turn (`sudo`, `env`, `xargs` …): guessed too widely rather than missed, for asks and denies. */
  readonly carried: readonly Words[];
  /** False: something runs that cannot be read here. Every ask and deny holds, no allow does. */
  readonly resolved: boolean;
  /** Nothing but plain commands: no variable is set for them, no file written to, no function defined. */
  readonly plain: boolean;
}

/** A script that hides its commands deeper, or names more that may be run, is not read to its end. */
const DEPTH_MAX = 8;
const CARRIED_MAX = 200;

export function readScript(script: string): ReadScript {
  const found = { commands: [] as Words[], carried: [] as Words[], resolved: true, plain: true };
  read(script, 0);
  return found;

  function read(text: string, depth: number): void {
    if (depth > DEPTH_MAX) found.resolved = false;
    else visit(parse(text), depth);
  }

  function visit(node: SyntaxNode, depth: number): void {
    if (node.type === 'Script' && 'errors' in node && node.errors && node.errors.length > 0) found.resolved = false;
    if ((node.type === 'CommandExpansion' || node.type === 'ProcessSubstitution') && !node.script)
      found.resolved = false;
    if (node.type === 'Function' || node.type === 'Coproc') found.plain = false;
    if (node.type === 'Redirect' && writes(node)) found.plain = false;
    if (node.type === 'Command') take(node, depth);
    forEachChild(node, (child) => visit(child, depth));
  }

  function take({ name, prefix, args }: Command, depth: number): void {
    if (prefix.some(({ type }) => type === 'Assignment')) found.plain = false;
    if (!name) return;
    const words: Words = [wordOf(name), ...args.map(wordOf)];
    found.commands.push(words);
    follow(words, depth);
  }

  /** A command that runs others: `sh -c` for certain, `sudo` perhaps. */
  function follow(words: Words, depth: number): void {
    const { scripts, commands, resolved } = carriedBy(words);
    if (!resolved || depth > DEPTH_MAX) found.resolved = false;
    for (const text of scripts) read(text, depth + 1);
    for (const inner of commands) {
      if (found.carried.length >= CARRIED_MAX) found.resolved = false;
      if (!found.resolved) return; // every ask and deny holds already
      found.carried.push(inner);
      follow(inner, depth + 1);
    }
  }
}

/** Into a file; not into nothing, and not into another descriptor. */
function writes({ operator, target }: Redirect): boolean {
  if (operator === '<' || operator === '<&') return false;
  const word = target ? wordOf(target) : UNKNOWN;
  const isDescriptor = operator === '>&' && word !== UNKNOWN && /^(\d+|-)$/.test(word);
  return !isDescriptor && word !== '/dev/null';
}
