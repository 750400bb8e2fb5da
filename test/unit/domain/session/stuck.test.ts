/** Which facts make a session stuck, and which do not: a row for each. */
import { describe, expect, it } from 'vitest';
import type { Pending } from '../../../../src/domain/ports/pending.ts';
import { stuckOf, type StuckFacts } from '../../../../src/domain/session/stuck.ts';

const NOW = Date.parse('2026-11-25T12:00:00.000Z');
const ago = (seconds: number): string => new Date(NOW - seconds * 1_000).toISOString();
const QUIET: Pending = { step: null, activities: [] };
const step = (attempt: number, seconds: number, is_started = false): Pending => ({
  ...QUIET,
  step: { attempt, is_started, scheduled_at: ago(seconds), failure: attempt > 1 ? 'Nondeterminism' : null },
});
const activity = (type: string, more: Partial<Pending['activities'][number]>): Pending => ({
  ...QUIET,
  activities: [{ type, attempt: 1, is_started: false, scheduled_at: ago(60), failure: null, ...more }],
});
const facts = (
  status: string,
  seconds: number,
  pending: StuckFacts['pending'],
  more: Partial<StuckFacts> = {},
): StuckFacts => ({
  row: { status, updated_at: ago(seconds) },
  pending,
  broker_answers: true,
  now_ms: NOW,
  silent_after_ms: 600_000,
  ...more,
});

const FULL = { type: 'store_unavailable', message: 'The disk is full' };

const ROWS: readonly (readonly [what: string, facts: StuckFacts, reason: string | null])[] = [
  ['a turn that works', facts('running', 30, activity('runTurn', { is_started: true })), null],
  [
    'a turn without an event for longer',
    facts('running', 700, activity('runTurn', { is_started: true })),
    'turn_silent',
  ],
  ['an approval that waits for days', facts('requires_action', 300_000, QUIET), null],
  ['an approval that expired', facts('paused', 300_000, QUIET), null],
  ['an idle session', facts('idle', 300_000, QUIET), null],
  ['a session that has ended', facts('closed', 300_000, step(9, 60)), null],
  ['a step that fails again and again', facts('running', 30, step(4, 1, true)), 'step_failing'],
  ['the same while it waits for a person', facts('requires_action', 30, step(4, 1)), 'step_failing'],
  ['a step that was cut off once', facts('running', 30, step(2, 1, true)), null],
  ['a step that nobody takes', facts('starting', 30, step(1, 30)), 'worker_missing'],
  ['a step that was just asked for', facts('starting', 30, step(1, 1)), null],
  ['a turn that waits for its host', facts('running', 60, activity('runTurn', {})), 'host_missing'],
  ['a write that nobody takes', facts('running', 60, activity('appendEvents', {})), 'worker_missing'],
  [
    'a write that fails',
    facts(
      'running',
      60,
      activity('appendEvents', {
        attempt: 5,
        is_started: true,
        failure: FULL,
      }),
    ),
    'activity_failing',
  ],
  [
    'a turn that cannot write',
    facts('running', 60, activity('runTurn', { attempt: 4, failure: FULL })),
    'activity_failing',
  ],
  [
    'a turn that could not write and goes on',
    facts('running', 60, activity('runTurn', { attempt: 4, is_started: true, failure: FULL })),
    null,
  ],
  [
    'no free slot',
    facts(
      'starting',
      60,
      activity('acquireHost', { attempt: 2, failure: { type: 'no_capacity', message: 'No host has a free slot.' } }),
    ),
    'no_slot',
  ],
  ['the engine away', facts('running', 60, 'engine_away'), 'engine_away'],
  ['the engine away while a person is waited for', facts('requires_action', 60, 'engine_away'), null],
  [
    'the broker away',
    facts('running', 60, activity('runTurn', { is_started: true }), { broker_answers: false }),
    'broker_away',
  ],
  ['no such workflow', facts('starting', 5, null), null],
];

describe('a session', () => {
  it.each(ROWS)('%s', (_what, seen, reason) => {
    expect(stuckOf(seen)?.reason ?? null).toBe(reason);
  });
});
