/** The talk about what waits for a person, one approval after the other, in the bottom row of the terminal. */
import type { Approval } from '../../api/contract/approval.ts';
import type { Client } from '../../api/contract/client.ts';
import { approvalLines } from '../render/approval.ts';
import { talk, type Look } from '../render/look.ts';
import { oneLine } from '../render/printable.ts';
import { askFor, firstStep, replyTo, type Step } from './answers.ts';
import { patiently } from './patient.ts';
import type { Screen } from './screen.ts';

export interface Dialogue {
  /** What is open now; what is not in it any more was answered elsewhere, and its question goes away. */
  follow(open: { readonly pending: readonly string[]; readonly expired: readonly string[] }): void;
  /** A line belongs to the question that stood there when it was begun. */
  typing(text: string): void;
  /** True: the line was taken, as an answer or as one that came too late. */
  take(line: string): boolean;
}

interface DialogueParts {
  readonly client: Client;
  readonly screen: Screen;
  readonly look: () => Look;
  /** The question that a message row asks where none is open. */
  readonly idle: () => string | null;
}

/** The same approval is one question while it is pending, and another one when nobody answered in time. */
type Topic = { readonly of: 'pending' | 'expired'; readonly id: string };
type Asked = Topic &
  (
    | { readonly what: 'approval'; readonly approval: Approval; readonly step: Step }
    | { readonly what: 'again' }
    /** On its way from or to the server. */
    | { readonly what: 'busy' }
  );

const keyOf = ({ of, id }: Topic): string => `${of} ${id}`;

export function createDialogue({ client, screen, look, idle }: DialogueParts): Dialogue {
  let asked: Asked | null = null;
  /** What was asked when the line was begun; undefined: nothing is typed. */
  let meant: Asked | null | undefined;
  let open: { pending: readonly string[]; expired: readonly string[] } = { pending: [], expired: [] };
  /** Answered, and the log has not said so yet. */
  const done = new Set<string>();

  const say = (...lines: readonly string[]): void => screen.print(talk(...lines));

  function show(next: Asked | null): void {
    asked = next;
    if (next?.what === 'approval') screen.ask(askFor(next.approval, next.step));
    else if (next?.what === 'again') screen.ask('Nobody answered in time. Ask again? y › ');
    else screen.ask(next ? null : idle());
  }

  function next(): void {
    if (asked && isOpen(asked)) return;
    const topics = [
      ...open.pending.map((id): Topic => ({ of: 'pending', id })),
      ...open.expired.map((id): Topic => ({ of: 'expired', id })),
    ];
    const topic = topics.find(isOpen);
    if (topic?.of === 'pending') void load(topic);
    else show(topic ? { ...topic, what: 'again' } : null);
  }

  const isOpen = (topic: Topic): boolean => !done.has(keyOf(topic)) && open[topic.of].includes(topic.id);

  async function load(topic: Topic): Promise<void> {
    show({ ...topic, what: 'busy' });
    try {
      const approval = await patiently(() => client.approvals.show({ approval_id: topic.id }));
      if (!asked || keyOf(asked) !== keyOf(topic) || !isOpen(topic)) return;
      if (approval.status === 'pending')
        return show({ ...topic, what: 'approval', approval, step: firstStep(approval) });
    } catch (error) {
      say(messageOf(error));
    }
    done.add(keyOf(topic)); // its event is on the way
    asked = null;
    next();
  }

  /** Sends; what the server refuses is told, and the question comes back when it is still open. */
  async function send(topic: Topic, call: () => Promise<unknown>): Promise<void> {
    done.add(keyOf(topic));
    show({ ...topic, what: 'busy' });
    try {
      await call();
    } catch (error) {
      say(messageOf(error));
      done.delete(keyOf(topic));
    }
    asked = null;
    next();
  }

  function answer(current: Extract<Asked, { what: 'approval' }>, line: string): void {
    const { id, approval } = current;
    const reply = replyTo(approval, current.step, line);
    switch (reply.do) {
      case 'decide':
        return void send(current, () =>
          patiently((options) => client.approvals.decide({ approval_id: id, body: reply.body }, options)),
        );
      case 'ask':
        return show({ ...current, step: reply.step });
      case 'show':
        return say(
          ...approvalLines({ ...approval.request, id }, whole(look(), approval)),
          `    digest   ${approval.digest}`,
        );
      case 'tell':
        return say(reply.line);
    }
  }

  return {
    follow(now) {
      open = now;
      next();
    },
    typing(text) {
      if (text === '') meant = undefined;
      else if (meant === undefined) meant = asked;
    },
    take(line) {
      const topic = meant === undefined ? asked : meant;
      if (topic === null || topic.what === 'busy') return false;
      if (!isOpen(topic)) say('That question is gone: nothing was answered.');
      else if (topic.what === 'approval') answer(topic, line);
      else if (/^y(es)?$/i.test(line.trim())) {
        const { id } = topic;
        void send(topic, () =>
          patiently((options) => client.approvals.askAgain({ approval_id: id, body: {} }, options)),
        );
      } else say('The session stays paused. y asks again; Ctrl-D leaves it.');
      return true;
    },
  };
}

const whole = (look: Look, { requested_at }: Approval) => ({
  look,
  again: false,
  now: requested_at,
  max: Number.POSITIVE_INFINITY,
});

const messageOf = (error: unknown): string =>
  `✗ ${oneLine(error instanceof Error ? error.message : String(error), 500)}`;
