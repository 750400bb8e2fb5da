/** The turns that run in this process: where control finds them. */
import type { Action } from '../domain/action/schema.ts';
import type { Content } from '../domain/content.ts';
import type { Evaluation } from '../domain/policy/schema.ts';
import type { Answer } from '../domain/turn.ts';
import type { Append } from './ports.ts';

export interface LiveTurn {
  readonly session_id: string;
  readonly turn_id: string;
  readonly epoch: number;
  /** A decision for a call that may be held here. */
  answer(answer: Answer): void;
  /** A person stopped the turn. */
  stop(): void;
  /** To be continued in a new activity, from its next call on. */
  move(): void;
  /** Judges by the policy that is in the log now; rejects, and ends the attempt, when it cannot be read. */
  lookAtPolicy(): Promise<void>;
  /** Resolves true when the running harness took it. */
  steer(content: readonly Content[]): Promise<boolean>;
  /** What the broker wants to let out. */
  judge(action: Action): Evaluation;
  readonly append: Append;
}

export interface LiveTurns {
  enter(turn: LiveTurn): void;
  /** A newer attempt of the same session stays. */
  leave(turn: LiveTurn): void;
  find(session_id: string, turn_id?: string): LiveTurn | undefined;
}

export function createLiveTurns(): LiveTurns {
  const turns = new Map<string, LiveTurn>();
  return {
    enter: (turn) => void turns.set(turn.session_id, turn),
    leave(turn) {
      if (turns.get(turn.session_id) === turn) turns.delete(turn.session_id);
    },
    find(session_id, turn_id) {
      const turn = turns.get(session_id);
      return turn_id === undefined || turn?.turn_id === turn_id ? turn : undefined;
    },
  };
}
