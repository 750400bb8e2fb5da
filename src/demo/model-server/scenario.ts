/** What the scripted model says at a step of a scenario. Pure: a tag and a step give the same words on any server. */
import type { Standing } from './messages.ts';
import type { Reply, ToolCall } from './reply.ts';
import { storyOf } from './story.ts';
import type { Tag } from './tag.ts';

export interface Said {
  /** The step that was answered: it goes into the ids of the calls. */
  readonly step: number;
  readonly reply: Reply;
}

const PLAIN: Reply = { text: 'Nothing was asked of me in words that I know.' };
const DONE: Reply = { text: 'DONE' };

/** The answer to a request that stands here. Calls that the user said to run again come first, and alone. */
export function replyFor(standing: Omit<Standing, 'hash'>): Said {
  const { tag, step } = standing;
  if (!tag) return { step, reply: PLAIN };
  return repeated(tag, standing) ?? { step, reply: replyAt(tag, step) };
}

/** A call that waits for an answer is known to the model, or was lost with its process: it is of the last step, or of the next. Those beside it were not run. */
function repeated(tag: Tag, { step, again, unrun, named }: Omit<Standing, 'hash' | 'tag'>): Said | null {
  const wanted = (call: ToolCall, n: number): boolean =>
    again.some((title) => isCalled(title, call)) ||
    (unrun.includes(n) && !named.some((title) => isCalled(title, call)));
  for (const at of again.length + unrun.length === 0 ? [] : [step - 1, step]) {
    const reply = at < 0 ? DONE : replyAt(tag, at);
    const calls = reply.calls?.filter(wanted) ?? [];
    if (calls.length > 0) return { step: at, reply: { ...reply, calls } };
  }
  return null;
}

function replyAt(tag: Tag, step: number): Reply {
  const story = storyOf(tag);
  if (story === null) return PLAIN;
  return story[step] ?? DONE;
}

/** A title shortens a long command: its beginning is enough. */
function isCalled(title: string, { name, input }: ToolCall): boolean {
  const start = title.replace(/…$/, '').trim();
  if (start === name) return true;
  return Object.values(input).some(
    (value) =>
      typeof value === 'string' && (value.startsWith(start) || (value !== '' && start.includes(value.slice(0, 40)))),
  );
}
