/** What the scripted model says at a step of a scenario. Pure: a tag and a step give the same words on any server. */
import type { Standing } from './messages.ts';

export interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}
export interface Reply {
  readonly text?: string;
  readonly calls?: readonly ToolCall[];
  /** Each word as a chunk of its own, with a pause (ms). */
  readonly slow_ms?: number;
  readonly trouble?: Trouble;
}
export type Trouble =
  | { readonly kind: 'error'; readonly status: number; readonly after?: number; readonly times: number }
  | { readonly kind: 'stream_error'; readonly times: number }
  | { readonly kind: 'cut'; readonly chunks: number; readonly times: number }
  | { readonly kind: 'hold'; readonly stage: 'headers' | 'first' | 'ping'; readonly ms: number }
  | { readonly kind: 'block'; readonly gate: string };

const PLAIN: Reply = { text: 'Nothing was asked of me in words that I know.' };
const DONE: Reply = { text: 'DONE' };

/** The answer to a request that stands here. */
export function replyFor({ tag, step, again }: Standing): Reply {
  if (!tag) return PLAIN;
  const reply = replyAt(tag.name, tag.args, step);
  if (again === null || !reply.calls) return reply;
  const wanted = reply.calls.filter(({ input }) => again.some((title) => isCalled(title, input)));
  return { ...reply, calls: wanted.length > 0 ? wanted : reply.calls };
}

/** A title shortens a long command: its beginning is enough. */
function isCalled(title: string, input: Readonly<Record<string, unknown>>): boolean {
  const start = title.replace(/…$/, '').trim();
  return Object.values(input).some(
    (value) =>
      typeof value === 'string' && (value.startsWith(start) || (value !== '' && start.includes(value.slice(0, 40)))),
  );
}

type Args = Readonly<Record<string, unknown>>;
const bash = (command: unknown): ToolCall => ({
  name: 'Bash',
  input: { command: String(command), description: 'scripted' },
});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const count = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

function replyAt(name: string, args: Args, step: number): Reply {
  switch (name) {
    case 'text':
      return { text: String(args['text'] ?? '') };
    case 'basic':
      return inTurn(step, [
        bash('echo hello; pwd'),
        {
          name: 'Write',
          input: { file_path: `${String(args['cwd'] ?? '/home/agent/work')}/basic.txt`, content: 'basic\n' },
        },
      ]);
    case 'shell':
      return inTurn(step, [bash(args['cmd'])]);
    case 'shells':
      return inTurn(step, list(args['cmds']).map(bash));
    case 'repeat':
      return inTurn(
        step,
        Array.from({ length: count(args['n'], 3) }, () => bash(args['cmd'])),
      );
    case 'read':
      return inTurn(step, [{ name: 'Read', input: { file_path: args['path'] } }]);
    case 'write':
      return inTurn(step, [{ name: 'Write', input: { file_path: args['path'], content: args['content'] ?? '' } }]);
    case 'edit':
      return inTurn(step, [
        { name: 'Edit', input: { file_path: args['path'], old_string: args['old'], new_string: args['new'] } },
      ]);
    case 'tools':
      return inTurn(step, list(args['calls']) as readonly ToolCall[]);
    case 'parallel':
      return step === 0 ? { calls: list(args['cmds']).map(bash) } : DONE;
    case 'slowtext':
      return {
        text: Array.from({ length: count(args['n'], 50) }, (_, n) => `word${n}`).join(' '),
        slow_ms: count(args['ms'], 20),
      };
    case 'slowshell':
      return inTurn(step, [bash(slow(args))]);
    case 'twostep':
      return inTurn(step, [bash('echo first >> first.txt'), bash(slow(args))]);
    case 'unicode':
      return step === 0
        ? {
            text: 'a\u2028b\u2029c 🐎',
            calls: [bash(`printf '%s' '${'é'.repeat(count(args['bytes'], 1000) / 2)}' | wc -c`)],
          }
        : DONE;
    case 'usage':
      return { text: 'counted' };
    default:
      return troubled(name, args, step);
  }
}

const slow = (args: Args): string => `echo started >> slow.txt; sleep ${count(args['s'], 5)}; echo ended >> slow.txt`;

/** What goes wrong first; afterwards `then` is played, or one sentence. */
function troubled(name: string, args: Args, step: number): Reply {
  const times = count(args['times'], 1);
  const rest: Reply = typeof args['cmd'] === 'string' ? inTurn(step, [bash(args['cmd'])]) : { text: 'RECOVERED' };
  switch (name) {
    case 'err':
      return {
        ...rest,
        trouble: {
          kind: 'error',
          status: count(args['status'], 500),
          times,
          ...(typeof args['after'] === 'number' && { after: args['after'] }),
        },
      };
    case 'sseerr':
      return { ...rest, trouble: { kind: 'stream_error', times } };
    case 'cut':
      return { ...rest, trouble: { kind: 'cut', chunks: count(args['chunks'], 2), times } };
    case 'hold':
      return {
        ...rest,
        trouble: {
          kind: 'hold',
          stage: args['stage'] === 'first' || args['stage'] === 'ping' ? args['stage'] : 'headers',
          ms: count(args['ms'], 1000),
        },
      };
    case 'block':
      return { ...rest, trouble: { kind: 'block', gate: String(args['gate'] ?? 'gate') } };
    default:
      return PLAIN;
  }
}

/** One call a step, then the last word. */
function inTurn(step: number, calls: readonly ToolCall[]): Reply {
  const call = calls[step];
  return call ? { calls: [call] } : DONE;
}
