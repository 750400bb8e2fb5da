/** What a longer allow of an action would cover, in the words of a rule, shown before anybody agrees. Pure. */
import type { Action, ActionOf } from '../action/schema.ts';
import type { GrantPattern } from '../approval/schema.ts';
import { literally } from './glob.ts';
import { covers } from './grants.ts';
import { ONCE_ONLY } from './grantable.ts';
import { below, namesOf, placesOf } from './places.ts';
import { RUNNERS, SHELLS } from './shell/runners.ts';
import { readScript, type ReadScript } from './shell/read-script.ts';
import { UNKNOWN, type Words } from './shell/words.ts';
import { lookAt } from './subject.ts';

/** Null for what leaves the sandbox, and for what no pattern can say: it is allowed once or not at all. */
export function suggestPattern(action: Action): GrantPattern | null {
  const pattern = ONCE_ONLY.includes(action.kind) ? null : patternFor(action);
  return pattern && covers(pattern, lookAt(action, 'bubblewrap')) ? pattern : null;
}

function patternFor(action: Action): GrantPattern | null {
  const { kind: on } = action;
  if (on === 'file.read' || on === 'file.search' || on === 'file.write') return { on, paths: pathsFor(action) };
  if (on === 'tool.other') return { on, tools: [literally(action.tool)] };
  if (on === 'skill.load') return { on, tools: [literally(action.name)] };
  if (on === 'agent.spawn') return { on, tools: [literally(action.type)] };
  if (on === 'shell.exec') {
    const commands = commandsFor(readScript(action.script));
    return commands && { on, commands };
  }
  return on === 'plan.update' ? { on } : null;
}

/** A write for its file alone; a read for the files beside it, a search for what is below. */
function pathsFor(action: ActionOf<'file.read' | 'file.search' | 'file.write'>): string[] {
  const { work } = placesOf(action, 'bubblewrap');
  const patterns = action.paths.map((path) => {
    const names = namesOf(path, action.cwd);
    const inside = below(names, work);
    const written = (inside ?? names).map(literally);
    const kept = action.kind === 'file.read' && written.length > 1 ? [...written.slice(0, -1), '*'] : written;
    return (inside ? '' : '/') + [...kept, ...(action.kind === 'file.search' ? ['**'] : [])].join('/');
  });
  return [...new Set(patterns)];
}

function commandsFor({ commands, carried, resolved, plain }: ReadScript): string[] | null {
  if (!resolved || !plain || carried.length > 0) return null;
  const patterns = commands.map(({ words }) => firstWords(words));
  return patterns.every((words) => words !== null) ? [...new Set(patterns)] : null;
}

/** After these the next word says what is run. */
const GOES_ON: ReadonlySet<string> = new Set(['run', 'exec', 'x', 'dlx']);

/** Their words are themselves commands. */
const RUNS_TEXT: ReadonlySet<string> = new Set([...RUNNERS.keys(), ...SHELLS, 'eval', 'trap']);

/** Up to the first word that is no option: `git commit`, `ls -la`, `npm run build`. Null when a word cannot be shown as it is. */
function firstWords(words: Words): string | null {
  const [program] = words;
  if (program === undefined || program === UNKNOWN || RUNS_TEXT.has(program)) return null;
  if (program === 'git' && String(words[1]).startsWith('-')) return null; // such an option can change what git runs
  const operand = words.findIndex((word, at) => at > 0 && (word === UNKNOWN || !word.startsWith('-')));
  const last = operand < 0 ? words.length : operand + 1;
  const goes_on = operand > 0 && GOES_ON.has(String(words[operand])) ? 1 : 0;
  const shown = words.slice(0, last + goes_on);
  return shown.every((word) => word !== UNKNOWN && /^[\w@%+=:,./~^-]+$/.test(word)) ? shown.join(' ') : null;
}
