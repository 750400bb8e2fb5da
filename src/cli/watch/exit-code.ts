/** When a watcher stops, and with which exit code. Pure. */
import { EXIT, type ExitCode } from '../../domain/errors.ts';
import type { Progress } from './progress.ts';

export interface Wish {
  /** Ends when these turns have; null: watches until the session is ended. */
  readonly turns: readonly string[] | null;
  /** Nobody here can be asked, and nobody elsewhere is waited for. */
  readonly leaves_when_asked: boolean;
}

/** Undefined: goes on. */
export function exitCodeOf(
  { is_running, last_end, over, is_closed, pending, expired }: Progress,
  wish: Wish,
): ExitCode | undefined {
  if (is_closed && !is_running) return wish.turns === null ? EXIT.ok : (last_end?.exit ?? EXIT.failed);
  if (wish.leaves_when_asked && pending.length + expired.length > 0) return EXIT.needs_person;
  if (wish.turns === null || !wish.turns.every((turn) => over.includes(turn))) return undefined;
  return last_end?.exit ?? EXIT.ok;
}
