/** The scenario of a tag as a list of replies, one a step; after the last one the model says DONE. Pure. The tags are described in docs/reference/model-server.md. */
import type { Reply, ToolCall, Trouble } from './reply.ts';
import type { Tag } from './tag.ts';

type Args = Readonly<Record<string, unknown>>;

/** Null: no such tag. */
export function storyOf({ name, args }: Pick<Tag, 'name' | 'args'>): readonly Reply[] | null {
  const story = STORIES[name];
  return story ? story(args) : null;
}

const STORIES: Readonly<Record<string, (args: Args) => readonly Reply[]>> = {
  text: ({ text, think }) => [{ text: word(text), ...(typeof think === 'string' && { think }) }],
  basic: ({ cwd }) => [
    calls(bash('echo hello; pwd')),
    calls(write(`${word(cwd, '/home/agent/work')}/basic.txt`, 'basic\n')),
  ],
  shell: ({ cmd }) => [calls(bash(cmd))],
  shells: ({ cmds }) => list(cmds).map((cmd) => calls(bash(cmd))),
  repeat: ({ cmd, n }) => Array.from({ length: count(n, 3) }, () => calls(bash(cmd))),
  parallel: ({ cmds }) => [{ calls: list(cmds).map(bash) }],
  read: ({ path }) => [calls({ name: 'Read', input: { file_path: path } })],
  write: ({ path, content }) => [calls(write(path, content ?? ''))],
  edit: ({ path, old, new: text }) => [
    calls({ name: 'Read', input: { file_path: path } }),
    calls({ name: 'Edit', input: { file_path: path, old_string: old, new_string: text } }),
  ],
  tools: (args) => list(args['calls']).map((call) => calls(call as ToolCall)),
  story: ({ steps }) => list(steps).map(stepOf),
  slowtext: ({ n, ms }) => [
    { text: Array.from({ length: count(n, 50) }, (_, at) => `word${at}`).join(' '), slow_ms: count(ms, 20) },
  ],
  slowshell: (args) => [calls(bash(slow(args)))],
  twostep: (args) => [calls(bash('echo first >> first.txt')), calls(bash(slow(args)))],
  waitfile: ({ path }) => [calls(bash(untilThere(word(path, 'go.txt'))))],
  unicode: ({ bytes }) => [
    { text: 'a\u2028b\u2029c 🐎', ...calls(bash(`printf '%s' '${'é'.repeat(count(bytes, 1000) / 2)}' | wc -c`)) },
  ],
  usage: () => [{ text: 'counted' }],
  err: (args) =>
    troubled(args, (times) => ({ kind: 'error', status: count(args['status'], 500), times, ...after(args) })),
  sseerr: (args) => troubled(args, (times) => ({ kind: 'stream_error', times })),
  cut: (args) => troubled(args, (times) => ({ kind: 'cut', chunks: count(args['chunks'], 2), times })),
  hold: (args) =>
    troubled(args, () => ({
      kind: 'hold',
      stage: args['stage'] === 'first' || args['stage'] === 'ping' ? args['stage'] : 'headers',
      ms: count(args['ms'], 1000),
    })),
  block: (args) => troubled(args, () => blocked(args)),
};

/** A step of `story`: a shell command, or words and calls together. */
function stepOf(step: unknown): Reply {
  if (typeof step === 'string') return calls(bash(step));
  const { say, calls: wanted, words_ms, gate, ...more } = step as Args;
  return {
    ...(typeof say === 'string' && { text: say }),
    ...(Array.isArray(wanted) && {
      calls: wanted.map((call) => (typeof call === 'string' ? bash(call) : (call as ToolCall))),
    }),
    ...(typeof words_ms === 'number' && { slow_ms: words_ms }),
    ...(typeof gate === 'string' && { trouble: blocked({ ...more, gate }) }),
  };
}

const blocked = ({ gate, stage }: Args): Trouble => ({
  kind: 'block',
  gate: word(gate, 'gate'),
  stage: stage === 'stream' ? 'stream' : 'headers',
});

/** What goes wrong at each step; what is said is a command when there is one, else a sentence. */
function troubled(args: Args, trouble: (times: number) => Trouble): readonly Reply[] {
  const made = trouble(count(args['times'], 1));
  const last: Reply = { text: word(args['text'], 'RECOVERED'), trouble: made };
  return typeof args['cmd'] === 'string' ? [{ ...calls(bash(args['cmd'])), trouble: made }] : [last];
}

const after = ({ after: seconds }: Args) => (typeof seconds === 'number' ? { after: seconds } : {});
const calls = (...all: readonly ToolCall[]): { readonly calls: readonly ToolCall[] } => ({ calls: all });
const bash = (command: unknown): ToolCall => ({
  name: 'Bash',
  input: { command: String(command), description: 'scripted' },
});
const write = (path: unknown, content: unknown): ToolCall => ({ name: 'Write', input: { file_path: path, content } });
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const count = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
const word = (value: unknown, otherwise = ''): string => (typeof value === 'string' ? value : otherwise);

const slow = ({ s }: Args): string => `echo started >> slow.txt; sleep ${count(s, 5)}; echo ended >> slow.txt`;
/** Runs until the test makes the file. */
const untilThere = (path: string): string =>
  `echo started >> wait.txt; until [ -e '${path}' ]; do sleep 0.05; done; echo ended >> wait.txt`;
