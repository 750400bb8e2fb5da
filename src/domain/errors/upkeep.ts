/** What goes wrong while an operator looks after a data folder. */
import { EXIT, row, type ErrorKind } from './kind.ts';

export const UPKEEP_ERRORS = {
  backup_impossible: row(
    409,
    EXIT.failed,
    false,
    'It would be half a backup',
    'Back up each part with its own means while nothing runs: the message names them.',
  ),
  backup_damaged: row(
    422,
    EXIT.failed,
    false,
    'The backup is not what was written',
    'Restore another backup. Nothing was touched.',
  ),
  restore_refused: row(
    409,
    EXIT.failed,
    false,
    'A backup is restored into an empty folder only',
    'Set TACK_HOME to an empty folder.',
  ),
} as const satisfies Record<string, ErrorKind>;
