/** How an error of ours looks to Temporal: the same code, and whether another attempt may help. */
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { isTackError, type ErrorCode } from '../domain/errors.ts';

/** What passes by itself, or with a fresh start. What a person must mend first is not among them. */
const PASSES: readonly ErrorCode[] = [
  'harness_crashed',
  'sandbox_failed',
  'broker_unavailable',
  'engine_unavailable',
  'store_unavailable',
  'git_failed',
  'host_lost',
];

/** The engine refuses what is larger than some megabytes, and with it the end of an attempt; a harness may say anything. */
const WORDS_MAX = 4_000;
export const inFewWords = (text: string): string => (text.length <= WORDS_MAX ? text : `${text.slice(0, WORDS_MAX)}…`);

export function failureOf(error: unknown): TemporalFailure {
  if (error instanceof TemporalFailure) return error;
  const code = isTackError(error) ? error.code : 'internal';
  const nonRetryable = isTackError(error) && !PASSES.includes(error.code);
  const said = error instanceof Error ? error.message : String(error);
  const message = inFewWords(said);
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable,
    ...(error instanceof Error && message === said && { cause: error }),
  });
}

/** Wraps activities so that every error leaves them with its code. */
export function classified<T extends object>(activities: T): T {
  const wrap =
    (run: (...args: unknown[]) => Promise<unknown>) =>
    (...args: unknown[]) =>
      run(...args).catch((error: unknown) => {
        throw failureOf(error);
      });
  return Object.fromEntries(
    Object.entries(activities).map(([name, run]) => [name, wrap(run as (...args: unknown[]) => Promise<unknown>)]),
  ) as T;
}
