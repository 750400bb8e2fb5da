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
  /** True: the line was taken as an answer. */
  take(line: string): boolean;
}

interface DialogueParts {
  readonly client: Client;
  readonly screen: Screen;
  readonly look: () => Look;
  /** The question that a message row asks where none is open. */
  readonly idle: () => string | null;
}

type Asked =
  | { readonly what: 'approval'; readonly id: string; readonly approval: Approval; readonly step: Step }
  | { readonly what: 'again'; readonly id: string }
  /** On its way from or to the server. */
  | { readonly what: 'busy'; readonly id: string };

export function createDialogue({ client, screen, look, idle }: DialogueParts): Dialogue {
  let asked: Asked | null = null;
  let open: { pending: readonly string[]; expired: readonly string[] } = { pending: [], expired: [] };
  /** Answered from here: the log has not said so yet. */
  const done = new Set<string>();

  const say = (...lines: readonly string[]): void => screen.print(talk(...lines));

  function show(next: Asked | null): void {
    asked = next;
    if (next?.what === 'approval') screen.ask(askFor(next.approval, next.step));
    else if (next?.what === 'again') screen.ask('Nobody answered in time. Ask again? y › ');
    else screen.ask(next ? null : idle());
  }

  function next(): void {
    if (asked && isOpen(asked.id)) return;
    const pending = open.pending.find((id) => !done.has(id));
    const expired = open.expired.find((id) => !done.has(id));
    if (pending !== undefined) void load(pending);
    else show(expired === undefined ? null : { what: 'again', id: expired });
  }

  const isOpen = (id: string): boolean => !done.has(id) && (open.pending.includes(id) || open.expired.includes(id));

  async function load(id: string): Promise<void> {
    show({ what: 'busy', id });
    try {
      const approval = await patiently(() => client.approvals.show({ approval_id: id }));
      if (asked?.id !== id || !isOpen(id)) return;
      if (approval.status === 'pending') return show({ what: 'approval', id, approval, step: firstStep(approval) });
      done.add(id); // its event is on the way
    } catch (error) {
      say(messageOf(error));
      done.add(id);
    }
    asked = null;
    next();
  }

  /** Sends; what the server refuses is told, and the question comes back when it is still open. */
  async function send(id: string, call: () => Promise<unknown>): Promise<void> {
    done.add(id);
    show({ what: 'busy', id });
    try {
      await call();
    } catch (error) {
      say(messageOf(error));
      done.delete(id);
    }
    asked = null;
    next();
  }

  function answer(current: Extract<Asked, { what: 'approval' }>, line: string): void {
    const { id, approval } = current;
    const reply = replyTo(approval, current.step, line);
    switch (reply.do) {
      case 'decide':
        return void send(id, () =>
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
    take(line) {
      if (asked === null || asked.what === 'busy') return false;
      if (asked.what === 'approval') answer(asked, line);
      else if (/^y(es)?$/i.test(line.trim())) {
        const { id } = asked;
        void send(id, () => patiently((options) => client.approvals.askAgain({ approval_id: id, body: {} }, options)));
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
