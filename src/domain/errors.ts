/** The one table of refusals and errors: `ApplicationFailure.type`, problem `code` and CLI errors share its spelling. */
// More than 300 lines: it is one table, and its users search it whole.

/** What a process of ours exits with. Printed by `tack help exit-codes`. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  needs_person: 3,
  auth: 4,
  budget: 5,
  denied: 6,
  changes_asked: 7,
  unreachable: 8,
  timeout: 124,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface ErrorKind {
  /** HTTP status. */
  readonly status: number;
  readonly exit: ExitCode;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
  readonly title: string;
  /** What a person does next. */
  readonly way_out: string;
}

const row = (status: number, exit: ExitCode, retryable: boolean, title: string, way_out: string): ErrorKind => ({
  status,
  exit,
  retryable,
  title,
  way_out,
});

export const ERROR_KINDS = {
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
  turn_not_found: row(404, EXIT.failed, false, 'No such turn', 'List the turns with `tack logs`.'),
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
    'Ask again: POST /v1/approvals/{id}/ask-again.',
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
    'List the grants of a project: GET /v1/grants?project_id=….',
  ),
  // work
  workspace_dirty: row(
    409,
    EXIT.failed,
    false,
    'Local changes would be overwritten',
    'Commit or stash the named files, then run `tack apply` again.',
  ),
  work_missing: row(
    404,
    EXIT.failed,
    false,
    'The session has no work to show yet',
    'Wait until a turn has ended: `tack attach`.',
  ),
  repository_missing: row(
    422,
    EXIT.usage,
    false,
    'Not a git repository',
    'Run `git init && git add -A && git commit -m start` here, or change into a repository.',
  ),
  project_not_found: row(
    404,
    EXIT.failed,
    false,
    'No such project',
    'Start a session with `tack run` inside the repository: it pushes the project.',
  ),
  git_failed: row(
    502,
    EXIT.failed,
    true,
    'git failed',
    'Read the message of git; `git status` in the repository shows its state.',
  ),
  // spec
  spec_invalid: row(
    422,
    EXIT.usage,
    false,
    'The file has mistakes',
    'Mend the named places; `tack run --agent FILE` checks it again.',
  ),
  agent_not_found: row(
    404,
    EXIT.usage,
    false,
    'No such agent',
    'Use a shipped agent (claude-code, scripted) or the path of a file.',
  ),
  // policy
  policy_unenforceable: row(
    422,
    EXIT.failed,
    false,
    'A rule cannot be enforced',
    'Remove the rule, or choose a harness or sandbox that enforces it.',
  ),
  policy_denied: row(
    403,
    EXIT.denied,
    false,
    'A policy denied it',
    'The rule and its reason are in the log: `tack logs`.',
  ),
  // harness
  harness_unknown: row(422, EXIT.usage, false, 'No such harness', 'Use one of: claude-code, scripted.'),
  harness_unavailable: row(
    503,
    EXIT.failed,
    true,
    'The harness is not installed',
    'Install it: `npm install -g @anthropic-ai/claude-code`, or set TACK_CLAUDE_BIN.',
  ),
  harness_unsupported: row(
    422,
    EXIT.failed,
    false,
    'The harness cannot do this',
    'See the table of harnesses in docs/reference/harnesses.md.',
  ),
  harness_protocol: row(
    502,
    EXIT.failed,
    false,
    'The harness broke its protocol',
    'Check its version; the supported one is in docs/reference/harnesses.md.',
  ),
  harness_crashed: row(
    502,
    EXIT.failed,
    true,
    'The harness ended unexpectedly',
    'The turn is tried again by itself; `tack logs` has its last words.',
  ),
  gate_bypassed: row(
    500,
    EXIT.failed,
    false,
    'A tool call ran without an allow',
    'The turn was ended. Report it: this must not happen.',
  ),
  // sandbox, egress
  sandbox_unavailable: row(
    503,
    EXIT.failed,
    false,
    'No sandbox on this machine',
    'Install bubblewrap (`apt-get install bubblewrap`), or say `sandbox: none` in the agent file.',
  ),
  sandbox_failed: row(
    502,
    EXIT.failed,
    true,
    'The sandbox could not start',
    'Read the message; the turn is tried again by itself.',
  ),
  broker_unavailable: row(
    503,
    EXIT.failed,
    true,
    'The broker does not answer',
    '`tack status` shows the roles; `tack up` starts them.',
  ),
  egress_denied: row(
    403,
    EXIT.denied,
    false,
    'The broker carries this session to its model only',
    'Do it outside of the session.',
  ),
  // credentials, auth
  credential_missing: row(
    424,
    EXIT.auth,
    false,
    'No credential for the model',
    'Set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN) and run it again. Logging in by subscription comes later.',
  ),
  auth_failed: row(
    401,
    EXIT.auth,
    false,
    'The token is missing or wrong',
    'Send `Authorization: Bearer <token>`; the token is in the data folder, file `token`.',
  ),
  origin_refused: row(
    403,
    EXIT.auth,
    false,
    'This host or origin is not allowed',
    'Use the address that `tack status` shows.',
  ),
  // requests
  request_invalid: row(422, EXIT.usage, false, 'The request has mistakes', 'Mend the named fields.'),
  json_invalid: row(400, EXIT.usage, false, 'The body is not JSON', 'Mend the named place.'),
  media_type_invalid: row(
    415,
    EXIT.usage,
    false,
    'The body has the wrong type',
    'Send `Content-Type: application/json`.',
  ),
  request_too_large: row(413, EXIT.usage, false, 'The request is too large', 'Send less than 25 MB.'),
  route_not_found: row(404, EXIT.usage, false, 'No such route', 'The routes are listed at /openapi.json.'),
  idempotency_mismatch: row(
    409,
    EXIT.usage,
    false,
    'This Idempotency-Key was used for another request',
    'Use a new key for a new request.',
  ),
  usage_invalid: row(422, EXIT.usage, false, 'The command has mistakes', 'See `tack help`.'),
  // engine, store, roles
  engine_unavailable: row(
    503,
    EXIT.unreachable,
    true,
    'The engine does not answer',
    '`tack status` shows the roles; it is restarted by itself.',
  ),
  server_unreachable: row(503, EXIT.unreachable, true, 'The server does not answer', 'Start it with `tack up`.'),
  already_running: row(
    409,
    EXIT.failed,
    false,
    'Another supervisor holds this data folder',
    '`tack status` shows it; `tack down` stops it.',
  ),
  engine_binary_missing: row(
    503,
    EXIT.failed,
    false,
    'No Temporal server found',
    'Set TACK_TEMPORAL_BIN, or install the Temporal CLI.',
  ),
  store_stale_epoch: row(
    409,
    EXIT.failed,
    false,
    'A newer attempt writes this log',
    'Nothing to do: the newer attempt goes on.',
  ),
  store_key_conflict: row(
    409,
    EXIT.failed,
    false,
    'The same key was written with other content',
    'Report it: this must not happen.',
  ),
  store_unavailable: row(
    503,
    EXIT.failed,
    true,
    'The store cannot be written',
    'Check the free space and the rights of the data folder.',
  ),
  store_corrupt: row(
    500,
    EXIT.failed,
    false,
    'The store is damaged',
    'Stop with `tack down`, keep a copy of the data folder, put store.db and blobs back from a backup, then `tack up`.',
  ),
  store_version: row(
    500,
    EXIT.failed,
    false,
    'The store was made by another version',
    'Install that version of Tackroom or a later one, or choose another data folder with TACK_HOME.',
  ),
  data_folder_invalid: row(
    500,
    EXIT.failed,
    false,
    'The data folder cannot be used',
    'Check its owner and mode, or set TACK_HOME.',
  ),
  host_lost: row(503, EXIT.failed, true, 'The worker of the turn is gone', 'The turn goes on by itself.'),
  interrupted: row(499, EXIT.interrupted, false, 'Interrupted', 'The session still runs: `tack attach`.'),
  timeout: row(504, EXIT.timeout, true, 'Out of time', 'The session still runs: `tack attach`.'),
  internal: row(500, EXIT.failed, false, 'An error of Tackroom', 'Report it with the request id.'),
} as const satisfies Record<string, ErrorKind>;
export type ErrorCode = keyof typeof ERROR_KINDS;

/** Why a command was not carried out: a value, not an exception. */
export interface Refusal {
  readonly refused: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}
export const refuse = (refused: ErrorCode, message: string, details?: Readonly<Record<string, unknown>>): Refusal => ({
  refused,
  message,
  ...(details && { details }),
});
export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refused' in value;

const BRAND = Symbol.for('tackroom.error');

/** An error that people see: what happened, the value met, the way out. Recognised by brand, also across realms. */
export class TackError extends Error {
  readonly code: ErrorCode;
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: { data?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'TackError';
    this.code = code;
    this.data = more.data;
    Object.defineProperty(this, BRAND, { value: true });
  }
}
export const isTackError = (value: unknown): value is TackError =>
  typeof value === 'object' && value !== null && BRAND in value;
export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(ERROR_KINDS, value);
