/** Where a text stops being JSON. Node names the place of some mistakes only, and quotes the text beside it. */

const SPACE = /[ \t\n\r]*/y;
const TOKEN =
  /("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|[[\]{}:,]/y;

type State = 'value' | 'item' | 'key' | 'first key' | 'colon' | 'after item' | 'after member' | 'end';
type Kind = 'string' | 'scalar' | '[' | ']' | '{' | '}' | ':' | ',';

/** What may come in a state, and the state after it. `push` and `pop` go in and out of brackets; `done` is the state after a whole value. */
const NEXT: Readonly<Record<State, Partial<Record<Kind, State | 'push' | 'pop' | 'done'>>>> = {
  value: { string: 'done', scalar: 'done', '[': 'push', '{': 'push' },
  item: { string: 'done', scalar: 'done', '[': 'push', '{': 'push', ']': 'pop' },
  'first key': { string: 'colon', '}': 'pop' },
  key: { string: 'colon' },
  colon: { ':': 'value' },
  'after item': { ',': 'value', ']': 'pop' },
  'after member': { ',': 'key', '}': 'pop' },
  end: {},
};

const EXPECTED: Readonly<Record<State, string>> = {
  value: 'a value',
  item: 'a value or ]',
  'first key': 'a key in quotes or }',
  key: 'a key in quotes',
  colon: ':',
  'after item': ', or ]',
  'after member': ', or }',
  end: 'nothing more',
};

/** What is missing, and at which index; null for a text that is JSON. */
export function jsonMistake(text: string): { readonly index: number; readonly expected: string } | null {
  const outer: State[] = [];
  let after: State = 'end';
  let state: State = 'value';
  for (let index = 0; ;) {
    index = endOf(SPACE, text, index) ?? index;
    if (index === text.length && state === 'end') return null;
    const end = endOf(TOKEN, text, index);
    const token = text.slice(index, end ?? index);
    const next: State | 'push' | 'pop' | 'done' | undefined = end === null ? undefined : NEXT[state][kindOf(token)];
    if (end === null || next === undefined) return { index, expected: EXPECTED[state] };
    if (next === 'push') {
      outer.push(after);
      after = token === '[' ? 'after item' : 'after member';
      state = token === '[' ? 'item' : 'first key';
    } else if (next === 'pop') state = after = outer.pop() ?? 'end';
    else state = next === 'done' ? after : next;
    index = end;
  }
}

function endOf(pattern: RegExp, text: string, index: number): number | null {
  pattern.lastIndex = index;
  return pattern.test(text) ? pattern.lastIndex : null;
}

function kindOf(token: string): Kind {
  if (token.startsWith('"')) return 'string';
  return /^[[\]{}:,]$/.test(token) ? (token as Kind) : 'scalar';
}
