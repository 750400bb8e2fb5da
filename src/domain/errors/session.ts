/** Refusals of a session: its messages, turns and approvals. */
import { EXIT, row, type ErrorKind } from './kind.ts';

export const SESSION_ERRORS = {
  // session
  session_not_found: row(404, EXIT.failed, false, 'No such session', 'List the sessions with `tack ls`.'),
  session_closed: row(
    409,
    EXIT.failed,
    false,
    'The session has ended',
    'Start a new one with `tack run`; its log stays readable with `tack logs`.',
  ),
  session_rolling: row(503, EXIT.failed, true, 'The session is changing runs', 'Send it again.'),
  session_stuck: row(
    503,
    EXIT.failed,
    false,
    'The session does not go on',
    '`tack status` says why; where its next step fails, `tack replay` names the event.',
  ),
  queue_full: row(
    409,
    EXIT.failed,
    true,
    'The queue of the session is full',
    'Wait for a turn to end, or interrupt the running one with `tack interrupt`.',
  ),
  content_too_large: row(
    413,
    EXIT.usage,
    false,
    'The message is too large',
    'Put the text into a file of the repository and name the file.',
  ),
  // turn
  turn_over: row(409, EXIT.failed, false, 'The turn is over', 'Nothing to do: the turn was stopped or has ended.'),
  turn_no_progress: row(
    500,
    EXIT.failed,
    false,
    'Three attempts without progress',
    'Read `tack logs`, then send the message again.',
  ),
  turn_too_long: row(
    409,
    EXIT.failed,
    false,
    'The turn ran longer than its agent allows',
    'Raise `limits.turn_minutes` of the agent, or send the message again to go on.',
  ),
  setup_failed: row(
    422,
    EXIT.failed,
    false,
    'A set-up command of the agent failed',
    'Mend the command under `setup:` of the agent file, then start a new session.',
  ),
  // approval
  approval_not_found: row(404, EXIT.failed, false, 'No such approval', 'List what waits with `tack approvals`.'),
  approval_already_resolved: row(
    409,
    EXIT.failed,
    false,
    'The approval was answered before',
    'Nothing to do: the first answer counts.',
  ),
  approval_expired: row(
    410,
    EXIT.failed,
    false,
    'The approval has expired',
    'Ask again: `tack approve <id> --again`, or POST /v1/approvals/{id}/ask-again.',
  ),
  approval_not_expired: row(
    409,
    EXIT.failed,
    false,
    'The approval has not expired',
    'Answer it with `tack approve` or `tack deny`.',
  ),
  digest_mismatch: row(
    409,
    EXIT.failed,
    false,
    'The digest is not that of the action',
    'Read the approval again and answer with the digest it shows.',
  ),
  decision_invalid: row(
    422,
    EXIT.usage,
    false,
    'This decision does not fit the approval',
    'Choose one of the options that the approval lists.',
  ),
  not_eligible: row(403, EXIT.auth, false, 'Not among the approvers', 'Ask one of the approvers that the rule names.'),
  grant_not_found: row(
    404,
    EXIT.failed,
    false,
    'No such grant',
    'List what is allowed without asking: `tack grants`, or GET /v1/grants.',
  ),
} as const satisfies Record<string, ErrorKind>;
