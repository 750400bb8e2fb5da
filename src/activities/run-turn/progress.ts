/** Attempts that bring nothing are counted from the log, whoever ran them: the third one is the last. */
import { DEFAULTS } from '../../domain/defaults.ts';
import { TackError } from '../../domain/errors.ts';
import { SYSTEM_ACTOR } from '../../domain/system-actor.ts';
import type { TurnInput } from '../../domain/turn.ts';
import type { Append } from '../ports.ts';
import type { TurnHistory } from './history.ts';

export interface Attempted {
  readonly input: TurnInput;
  /** Temporal's count of this activity, from 1: a repetition follows a crash. */
  readonly tries: number;
  readonly history: TurnHistory;
  readonly append: Append;
  readonly lost_worker_pid?: number;
  /** How the attempt before ended, where this worker saw it. */
  readonly reason?: string;
}

/** Throws `turn_no_progress`, or notes in the log that the turn goes on after a crash. */
export async function countAttempt({ input, tries, history, append, ...lost }: Attempted): Promise<void> {
  const former = tries > 1 ? history.fruitless : history.fruitless - 1; // this one is in the log already, but for a repetition
  if (former >= DEFAULTS.attempts_without_progress)
    throw new TackError('turn_no_progress', `${former} attempts brought nothing new${lastWords(lost)}.`, {
      data: { turn_id: input.turn_id },
    });
  if (tries === 1) return;
  const { unknown_calls } = history;
  const data = { after: 'crash', attempt: input.attempt, repetition: tries - 1, unknown_calls, ...lost };
  await append(`attempt/${input.turn_id}/${input.attempt}.${tries}`, [
    { type: 'turn.resumed', turn_id: input.turn_id, actor: SYSTEM_ACTOR, via: null, data },
  ]);
}

const lastWords = ({ reason }: Pick<Attempted, 'reason'>): string =>
  reason === undefined ? '' : `; the last one ended with ${reason.replace(/\.$/, '')}`;
