/** What a command runs besides itself: the script of a shell, the command of `sudo`, `env`, `xargs` … */
import { BY_SHELL, OTHER_SHELLS, READS_ELSEWHERE, RUNNERS, SHELLS, type Runner } from './runners.ts';
import { programOf, UNKNOWN, type Word, type Words } from './words.ts';

export interface Carried {
  /** Scripts that are surely run. */
  readonly scripts: readonly string[];
  /** Commands that may be run, and at which word they begin. */
  readonly commands: readonly { readonly at: number; readonly words: Words }[];
  /** False: it runs something that cannot be read here. */
  readonly resolved: boolean;
}

const NOTHING: Carried = { scripts: [], commands: [], resolved: true };
const UNREADABLE: Carried = { ...NOTHING, resolved: false };
/** More possible commands than that are not looked at. */
const STARTS_MAX = 50;

export function carriedBy(words: Words): Carried {
  const program = programOf(words);
  if (program === UNKNOWN || READS_ELSEWHERE.has(program) || OTHER_SHELLS.has(program)) return UNREADABLE;
  if (SHELLS.has(program)) return scriptOfShell(words);
  if (program === 'eval') return joined(words.slice(1));
  if (program === 'trap')
    return joined(
      words
        .slice(1)
        .filter((word) => !isOption(word))
        .slice(0, 1),
    );
  if (program === 'find') return afterExec(words);
  if (program === 'git') return runsCommands(words) ? UNREADABLE : NOTHING;
  const runner = RUNNERS.get(program);
  return runner ? runBy(program, runner, words) : NOTHING;
}

/** The operand of `-c`. What a shell reads from a file or its input is not known here. */
function scriptOfShell(words: Words): Carried {
  let has_c = false;
  for (let at = 1; at < words.length; at++) {
    const word = words[at] as Word;
    if (word === UNKNOWN) return UNREADABLE;
    if (/^[-+]./.test(word) && word !== '--') {
      if (/^-[a-zA-Z]*c/.test(word)) has_c = true;
      if (/^([-+][a-zA-Z]*[oO]|--init-file|--rcfile)$/.test(word)) at++;
    } else if (word !== '--') return has_c ? { ...NOTHING, scripts: [word] } : UNREADABLE;
  }
  return UNREADABLE;
}

function joined(words: Words): Carried {
  return words.includes(UNKNOWN) ? UNREADABLE : { ...NOTHING, scripts: [words.join(' ')] };
}

function afterExec(words: Words): Carried {
  const commands = words.flatMap((word, at) =>
    word !== UNKNOWN && /^-(exec|ok)(dir)?$/.test(word)
      ? [{ at: at + 1, words: filledIn(words.slice(at + 1), '{}') }]
      : [],
  );
  return { ...NOTHING, commands };
}

/** `git submodule foreach`, `git bisect run`, `git rebase --exec` … */
function runsCommands(words: Words): boolean {
  const isWord = (wanted: RegExp) => words.some((word) => word !== UNKNOWN && wanted.test(word));
  return isWord(/^(foreach|bisect|filter-branch|--exec.*)$/) || (isWord(/^rebase$/) && isWord(/^-x/));
}

function runBy(program: string, runner: Runner, words: Words): Carried {
  if (program === 'command' && words.some((word) => word !== UNKNOWN && /^-[vV]+$/.test(word))) return NOTHING;
  const scripts = runner.script ? scriptsAfter(runner.script, words) : [];
  const starts = startsOf(runner, words);
  if (scripts.includes(UNKNOWN) || starts.length > STARTS_MAX) return UNREADABLE;
  const commands = starts.map((at) => ({
    at,
    words: runner.appends ? completed(words.slice(at), words) : words.slice(at),
  }));
  const texts = BY_SHELL.has(program) ? commands.map((command) => joined(command.words)) : [];
  return {
    scripts: [...(scripts as readonly string[]), ...texts.flatMap((text) => text.scripts)],
    commands,
    resolved: texts.every(({ resolved }) => resolved),
  };
}

/** `-c script`, `-cscript`, `--command=script`. */
function scriptsAfter(option: RegExp, words: Words): readonly Word[] {
  return words.flatMap((word, at): readonly Word[] => {
    if (word === UNKNOWN || !word.startsWith('-')) return [];
    if (option.test(word)) return words.slice(at + 1, at + 2);
    const [, name = '', value = ''] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? /^(-\w)(.+)$/s.exec(word) ?? [];
    if (option.test(name)) return [value];
    return /\s/.test(word) ? [UNKNOWN] : [];
  });
}

/** Where the command may begin. */
function startsOf({ values = '', flags = '', before = 0 }: Runner, words: Words): readonly number[] {
  const starts: number[] = [];
  let passed = 0;
  let perhaps = 0;
  for (let at = 1; at < words.length && passed <= before + perhaps; at++) {
    const word = words[at] as Word;
    if (word === '--') perhaps = 0;
    else if (isOption(word)) {
      const takes = takesValue(word, values, flags);
      if (takes === 'yes') at++;
      else if (takes === 'perhaps') perhaps++;
    } else if (word === UNKNOWN || !/^\w+=/.test(word)) {
      if (passed >= before) starts.push(at);
      passed++;
    }
  }
  return starts;
}

function takesValue(option: string, values: string, flags: string): 'yes' | 'no' | 'perhaps' {
  if (option.startsWith('--')) return option.includes('=') ? 'no' : 'perhaps';
  const letters = option.slice(1);
  if (/^\d+$/.test(letters)) return 'no';
  const at = letters.split('').findIndex((letter) => !flags.includes(letter));
  if (at < 0) return 'no';
  if (values.includes(letters.charAt(at))) return at === letters.length - 1 ? 'yes' : 'no';
  return 'perhaps';
}

/** With the words that `xargs` puts in: anything. */
const completed = (command: Words, words: Words): Words => [...filledIn(command, replacedBy(words)), UNKNOWN];

function replacedBy(words: Words): string {
  const at = words.findIndex((word) => word !== UNKNOWN && word.startsWith('-I'));
  const option = words[at];
  const next = words[at + 1];
  if (option === undefined || option === UNKNOWN) return '{}';
  return option.length > 2 ? option.slice(2) : typeof next === 'string' && next !== '' ? next : '{}';
}

const filledIn = (words: Words, mark: string): Words =>
  words.map((word) => (word !== UNKNOWN && word.includes(mark) ? UNKNOWN : word));

const isOption = (word: Word): word is string => word !== UNKNOWN && /^-./.test(word);
