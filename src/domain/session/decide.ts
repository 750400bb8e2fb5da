/** What a command means in this state: events, or a refusal. No clock, no new id, no I/O: they come in as data. */
import { refuse } from '../errors.ts';
import { malformed } from './check.ts';
import type { Command } from './command.ts';
import { askAgain, decideApproval, requestApproval } from './decide-approval.ts';
import { attemptEnded, attemptStarted } from './decide-attempt.ts';
import { prompt, steer, steerMissed } from './decide-message.ts';
import { revokeGrant } from './decide-grant.ts';
import { close, interrupt } from './decide-stop.ts';
import { tick } from './decide-tick.ts';
import type { Result } from './result.ts';
import type { SessionState } from './state.ts';

/** The table of docs/reference/session.md, a row a case. A repeated command of the same id gives no events. */
export function decide(state: SessionState, command: Command): Result {
  return malformed(command.type, command) ?? meant(state, command);
}

function meant(state: SessionState, command: Command): Result {
  switch (command.type) {
    case 'prompt':
      return prompt(state, command);
    case 'steer':
      return steer(state, command);
    case 'steer_missed':
      return steerMissed(state, command);
    case 'request_approval':
      return requestApproval(state, command);
    case 'decide_approval':
      return decideApproval(state, command);
    case 'ask_again':
      return askAgain(state, command);
    case 'revoke_grant':
      return revokeGrant(state, command);
    case 'interrupt':
      return interrupt(state, command);
    case 'close':
      return close(state, command);
    case 'set_policy':
      return settings(state, command, {
        policy_version: command.policy_version,
        session_policy: command.policy,
      });
    case 'set_agent':
      return settings(state, command, { agent_config: command.agent, steers: command.steers });
    case 'attempt_started':
      return attemptStarted(state, command);
    case 'attempt_ended':
      return attemptEnded(state, command);
    case 'tick':
      return tick(state, command);
  }
}

function settings(
  state: SessionState,
  { actor, via }: Command<'set_policy' | 'set_agent'>,
  data: Readonly<Record<string, unknown>>,
): Result {
  if (state.phase === 'closed') return refuse('session_closed', 'This session has ended.');
  return [{ type: 'session.updated', turn_id: null, actor, via, data }];
}
