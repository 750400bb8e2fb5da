/** Each cell of the command table: what a command gives in each phase, and the phase after it. */
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../../src/domain/errors.ts';
import type { Command } from '../../../../src/domain/session/command.ts';
import { decide } from '../../../../src/domain/session/decide.ts';
import * as say from './a-session.ts';
import { outcome, phaseOf, PHASES, tell, type Phase } from './a-session.ts';

/** [events or refusal, the phase after] */
type Cell = readonly [readonly string[] | string, string];
const QUEUED: Cell[0] = ['user.message', 'queue.updated'];
const BEGUN: Cell[0] = ['user.message', 'turn.started'];
const STOPPED_AT_ONCE: Cell[0] = ['user.interrupt', 'approval.resolved', 'turn.cancelled'];

const TABLE: readonly (readonly [string, Command, Readonly<Record<Phase, Cell>>])[] = [
  [
    'prompt',
    say.prompt(2),
    {
      'no turn': [BEGUN, 'starting'],
      starting: [QUEUED, 'starting'],
      running: [QUEUED, 'running'],
      held: [QUEUED, 'held'],
      suspended: [QUEUED, 'suspended'],
      expired: [QUEUED, 'expired'],
      closed: ['session_closed', 'closed'],
    },
  ],
  [
    'steer',
    say.steer(2),
    {
      'no turn': [BEGUN, 'starting'],
      starting: [QUEUED, 'starting'],
      running: [['user.message'], 'running'],
      held: [QUEUED, 'held'],
      suspended: [QUEUED, 'suspended'],
      expired: [QUEUED, 'expired'],
      closed: ['session_closed', 'closed'],
    },
  ],
  [
    'request_approval',
    say.ask(2),
    {
      'no turn': ['turn_over', 'no turn'],
      starting: ['turn_over', 'starting'],
      running: [['approval.requested'], 'held'],
      held: [['approval.requested'], 'held'],
      suspended: ['turn_over', 'suspended'],
      expired: ['turn_over', 'expired'],
      closed: ['turn_over', 'closed'],
    },
  ],
  [
    'decide_approval',
    say.answer(1),
    {
      'no turn': ['approval_already_resolved', 'no turn'],
      starting: ['approval_not_found', 'starting'],
      running: ['approval_not_found', 'running'],
      held: [['approval.resolved', 'grant.created'], 'running'],
      suspended: [['approval.resolved', 'grant.created', 'turn.resumed'], 'starting'],
      expired: ['approval_expired', 'expired'],
      closed: ['approval_already_resolved', 'closed'],
    },
  ],
  [
    'ask_again',
    say.askAgain(1, 9),
    {
      'no turn': ['approval_not_expired', 'no turn'],
      starting: ['approval_not_found', 'starting'],
      running: ['approval_not_found', 'running'],
      held: ['approval_not_expired', 'held'],
      suspended: ['approval_not_expired', 'suspended'],
      expired: [['approval.requested'], 'suspended'],
      closed: ['session_closed', 'closed'],
    },
  ],
  [
    'revoke_grant',
    say.revokeGrant(),
    {
      'no turn': ['grant_not_found', 'no turn'],
      starting: ['grant_not_found', 'starting'],
      running: ['grant_not_found', 'running'],
      held: ['grant_not_found', 'held'],
      suspended: ['grant_not_found', 'suspended'],
      expired: ['grant_not_found', 'expired'],
      closed: ['session_closed', 'closed'],
    },
  ],
  [
    'interrupt',
    say.interrupt,
    {
      'no turn': [[], 'no turn'],
      starting: [['user.interrupt'], 'starting'],
      running: [['user.interrupt'], 'running'],
      held: [['user.interrupt', 'approval.resolved'], 'running'],
      suspended: [STOPPED_AT_ONCE, 'no turn'],
      expired: [['user.interrupt', 'turn.cancelled'], 'no turn'],
      closed: [[], 'closed'],
    },
  ],
  [
    'close',
    say.close,
    {
      'no turn': [['session.closed'], 'closed'],
      starting: [['user.interrupt', 'session.closed'], 'closed'],
      running: [['user.interrupt', 'session.closed'], 'closed'],
      held: [['user.interrupt', 'approval.resolved', 'session.closed'], 'closed'],
      suspended: [[...STOPPED_AT_ONCE, 'session.closed'], 'closed'],
      expired: [['user.interrupt', 'turn.cancelled', 'session.closed'], 'closed'],
      closed: [[], 'closed'],
    },
  ],
  ['set_policy', say.setPolicy, recordedUntilClosed()],
  ['set_agent', say.setAgent, recordedUntilClosed()],
  [
    'run-turn ends completed',
    say.COMPLETED,
    {
      'no turn': [[], 'no turn'],
      starting: [['turn.completed'], 'no turn'],
      running: [['turn.completed'], 'no turn'],
      held: [['approval.resolved', 'turn.completed'], 'no turn'],
      suspended: [[], 'suspended'],
      expired: [[], 'expired'],
      closed: [[], 'closed'],
    },
  ],
  [
    'run-turn ends failed',
    say.ended({ kind: 'failed', code: 'harness_crashed', message: 'gone' }),
    {
      'no turn': [[], 'no turn'],
      starting: [['turn.failed'], 'no turn'],
      running: [['turn.failed'], 'no turn'],
      held: [['approval.resolved', 'turn.failed'], 'no turn'],
      suspended: [[], 'suspended'],
      expired: [[], 'expired'],
      closed: [[], 'closed'],
    },
  ],
  [
    'run-turn ends suspended',
    say.suspendedOn('apr_1'),
    {
      'no turn': [[], 'no turn'],
      starting: [['turn.suspended', 'turn.resumed'], 'starting'],
      running: [['turn.suspended', 'turn.resumed'], 'starting'],
      held: [['turn.suspended'], 'suspended'],
      suspended: [[], 'suspended'],
      expired: [[], 'expired'],
      closed: [[], 'closed'],
    },
  ],
  ['run-turn ends moved', say.ended({ kind: 'moved' }), goesOnInANewAttempt()],
  ['its host is lost', say.ended({ kind: 'lost', host: 'host-1' }), goesOnInANewAttempt()],
  [
    'the deadline of an approval that pauses',
    say.tick(3600),
    {
      'no turn': [[], 'no turn'],
      starting: [[], 'starting'],
      running: [[], 'running'],
      held: [[], 'held'],
      suspended: [['approval.resolved'], 'expired'],
      expired: [[], 'expired'],
      closed: [[], 'closed'],
    },
  ],
];

function recordedUntilClosed(): Readonly<Record<Phase, Cell>> {
  const recorded = (phase: Phase): Cell => [['session.updated'], phase];
  return {
    'no turn': recorded('no turn'),
    starting: recorded('starting'),
    running: recorded('running'),
    held: recorded('held'),
    suspended: recorded('suspended'),
    expired: recorded('expired'),
    closed: ['session_closed', 'closed'],
  };
}

function goesOnInANewAttempt(): Readonly<Record<Phase, Cell>> {
  return {
    'no turn': [[], 'no turn'],
    starting: [['turn.resumed'], 'starting'],
    running: [['turn.resumed'], 'starting'],
    held: [['turn.resumed'], 'starting'],
    suspended: [[], 'suspended'],
    expired: [[], 'expired'],
    closed: [[], 'closed'],
  };
}

describe.each(TABLE)('%s', (_title, command, cells) => {
  it.each(Object.entries(cells) as [Phase, Cell][])('in %s gives %j', (phase, [expected, after]) => {
    const before = PHASES[phase]();
    expect(phaseOf(before)).toBe(phase);
    expect(outcome(before, command)).toEqual(expected);
    const result = decide(before.state, command);
    expect(phaseOf(isRefusal(result) ? before : tell(before, command))).toBe(after);
  });
});
