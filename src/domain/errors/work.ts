/** What goes wrong with what a session is made of: the work, the agent file, its policy, harness and sandbox. */
import { EXIT, row, type ErrorKind } from './kind.ts';

export const WORK_ERRORS = {
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
    'Change into the working tree of a repository.',
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
  harness_protocol: row(
    502,
    EXIT.failed,
    false,
    'The harness broke its protocol',
    'Check its version: `tack logs` warns when it is not the one that was tried.',
  ),
  harness_crashed: row(
    502,
    EXIT.failed,
    true,
    'The harness ended unexpectedly',
    'The turn is tried again by itself; `tack logs` has its last words.',
  ),
  model_failed: row(
    502,
    EXIT.failed,
    false,
    'The model answered with an error',
    'Read the message; when the model answers again, send yours again.',
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
} as const satisfies Record<string, ErrorKind>;
