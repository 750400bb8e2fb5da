/** The matchers of a rule, compiled. All that a rule has must hold. */
import type { Action, ActionKind } from '../action/schema.ts';
import { compileGlob, compileName, type Glob } from './glob.ts';
import { compileCommand, mayRun, runsOnly } from './shell/match-commands.ts';
import type { Located, Subject } from './subject.ts';

/** In the words of a rule or of a grant. */
export interface Matching {
  readonly on: string | readonly string[];
  readonly paths?: readonly string[] | undefined;
  readonly commands?: readonly string[] | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly tools?: readonly string[] | undefined;
}

/** An allow must cover the whole action; an ask or deny holds when a part of it matches. */
export type Reach = 'whole' | 'part';

export type Matcher = (subject: Subject) => boolean;

/** What cannot be compiled throws when it is asked, and so denies. */
export function compileMatchers(matching: Matching, reach: Reach): Matcher {
  const isKind = isAbout(matching.on);
  const { paths, commands, hosts, tools } = matching;
  const matchers = [
    ...(paths ? [compiled(() => pathMatcher(paths, reach))] : []),
    ...(commands ? [compiled(() => commandMatcher(commands, reach))] : []),
    ...(hosts ? [compiled(() => hostMatcher(hosts))] : []),
    ...(tools ? [compiled(() => toolMatcher(tools))] : []),
  ];
  return (subject) => isKind(subject.action.kind) && matchers.every((matches) => matches(subject));
}

function compiled(compile: () => Matcher): Matcher {
  try {
    return compile();
  } catch (cause) {
    return () => {
      throw new TypeError('This rule cannot be judged.', { cause });
    };
  }
}

export function isAbout(on: Matching['on']): (kind: ActionKind) => boolean {
  const wanted = typeof on === 'string' ? [on] : on;
  return (kind) =>
    wanted.some((word) => word === '*' || word === kind || (word.endsWith('.*') && kind.startsWith(word.slice(0, -1))));
}

function pathMatcher(patterns: readonly string[], reach: Reach): Matcher {
  const globs = patterns.map(compilePath);
  const matches = (path: Located) => globs.some((glob) => glob(path));
  return ({ paths, named_files }) => {
    const own = paths();
    if (reach === 'part') return [...(own ?? []), ...named_files()].some(matches);
    return own !== null && own.length > 0 && own.every(matches);
  };
}

function compilePath(pattern: string): (path: Located) => boolean {
  const from = (place: keyof Located, glob: Glob) => (path: Located) => {
    const names = path[place];
    return names !== null && glob(names);
  };
  if (pattern.startsWith('/')) return from('root', compileGlob(pattern));
  if (pattern === '~' || pattern.startsWith('~/')) return from('home', compileGlob(pattern.slice(1)));
  return from('work', compileGlob(pattern));
}

function commandMatcher(texts: readonly string[], reach: Reach): Matcher {
  const patterns = texts.map(compileCommand);
  return ({ action, script }) => {
    const read = script();
    if (!read || action.kind !== 'shell.exec') return false;
    if (reach === 'part') return mayRun(read, patterns);
    return Object.keys(action.env).length === 0 && runsOnly(read, patterns);
  };
}

function hostMatcher(patterns: readonly string[]): Matcher {
  const wanted = patterns.map(plainHost);
  return ({ action }) => {
    if (!('host' in action)) return false;
    const host = plainHost(action.host);
    return wanted.some(
      (name) => name === '*' || name === host || (name.startsWith('*.') && host.endsWith(name.slice(1))),
    );
  };
}

const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

function toolMatcher(patterns: readonly string[]): Matcher {
  const names = patterns.map(compileName);
  return ({ action }) => {
    const tool = toolOf(action);
    return tool !== null && names.some((matches) => matches(tool));
  };
}

function toolOf(action: Action): string | null {
  switch (action.kind) {
    case 'mcp.call':
      return `${action.server}/${action.tool}`;
    case 'tool.other':
      return action.tool;
    case 'skill.load':
      return action.name;
    case 'agent.spawn':
      return action.type;
    default:
      return null;
  }
}
