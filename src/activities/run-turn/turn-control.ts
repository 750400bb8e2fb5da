/** One running attempt as others reach it: answers come in, and something may end it from outside. */
import type { Answer } from '../../domain/turn.ts';

/** Why an attempt ends before its harness does. */
export type Cut =
  /** Nobody answered within the grace. */
  | { readonly kind: 'suspend' }
  /** To be continued elsewhere or in a new activity: drain, or a very long turn. */
  | { readonly kind: 'move' }
  | { readonly kind: 'stop' }
  /** The agent's own limit of minutes is reached: its work is saved, the turn has failed. */
  | { readonly kind: 'overdue'; readonly minutes: number }
  /** Over for the engine: nothing may be written any more. */
  | { readonly kind: 'gone' }
  /** Our own failure, or a breach: the turn fails with this error. */
  | { readonly kind: 'broken'; readonly error: unknown };

export interface TurnControl {
  /** Resolves with the first cut. */
  readonly cut: Promise<Cut>;
  isCut(): boolean;
  end(cut: Cut): void;
  /** The harness has ended by itself: who still waits at the gate waits in vain, and an answer stays for the next attempt. */
  close(): void;
  deliver(answer: Answer): void;
  /** The answer of this approval, or null after `grace_ms`, or when the attempt is cut. It may have come before anybody waited. */
  answer(approval_id: string, grace_ms: number): Promise<Answer | null>;
}

/** Beyond it, a timer of Node fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

export function createTurnControl(): TurnControl {
  const cut = Promise.withResolvers<Cut>();
  const over = Promise.withResolvers<null>();
  const answers = new Map<string, PromiseWithResolvers<Answer>>();
  let isCut = false;

  const answerTo = (approval_id: string) => {
    const known = answers.get(approval_id) ?? Promise.withResolvers<Answer>();
    answers.set(approval_id, known);
    return known;
  };

  return {
    cut: cut.promise,
    isCut: () => isCut,
    end(how) {
      isCut = true;
      cut.resolve(how);
      over.resolve(null);
    },
    close() {
      isCut = true;
      over.resolve(null);
    },
    deliver: (answer) => answerTo(answer.approval_id).resolve(answer),
    async answer(approval_id, grace_ms) {
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<null>(
        (resolve) => (timer = setTimeout(() => resolve(null), Math.min(grace_ms, LONGEST_MS))),
      );
      try {
        return await Promise.race([answerTo(approval_id).promise, grace, over.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
