import { describe, expect, it } from 'vitest';
import type { EventType } from '../../../../src/domain/events/vocabulary.ts';
import { NO_PROGRESS, proceed, type Progress } from '../../../../src/cli/watch/progress.ts';
import { exitCodeOf, type Wish } from '../../../../src/cli/watch/exit-code.ts';
import { event } from '../render/a-story.ts';

type Happened = readonly [type: EventType, data?: Readonly<Record<string, unknown>>, turn_id?: string | null];
const after = (...story: readonly Happened[]): Progress =>
  story.reduce(
    (progress, [type, data = {}, turn_id = 'trn_1']) => proceed(progress, event(type, data, { turn_id }).event),
    NO_PROGRESS,
  );
const RUN: Wish = { turns: ['trn_1'], leaves_when_asked: true };
const STAYS: Wish = { turns: ['trn_1'], leaves_when_asked: false };
const ASKED: Happened = ['approval.requested', { approval: { id: 'apr_1' } }];

describe('a watcher', () => {
  it.each([
    ['done', [['turn.completed', { stop_reason: 'end_turn' }]], 0],
    ['failed', [['turn.failed', { error: { code: 'harness_crashed' } }]], 1],
    ['a code that it does not know', [['turn.failed', { error: { code: 'model_failed' } }]], 1],
    ['no credential', [['turn.failed', { error: { code: 'credential_missing' } }]], 4],
    ['the budget', [['turn.completed', { stop_reason: 'budget_reached' }]], 5],
    ['denied by policy', [['turn.failed', { error: { code: 'policy_denied' } }]], 6],
    [
      'denied and stopped by a person',
      [
        ASKED,
        ['approval.resolved', { approval_id: 'apr_1', outcome: 'decided', decision: 'deny_and_stop' }],
        ['turn.cancelled'],
      ],
      6,
    ],
    ['interrupted', [['user.interrupt'], ['turn.cancelled']], 130],
    ['a question that nobody here can answer', [ASKED], 3],
    ['a session that was ended', [['session.closed', {}, null], ['turn.cancelled']], 130],
  ] as const)('exits for %s', (_what, story, code) => {
    expect(exitCodeOf(after(['turn.started'], ...(story as readonly Happened[])), RUN)).toBe(code);
  });

  it('goes on while its turn runs, is suspended, or waits for a person who can be asked', () => {
    expect(exitCodeOf(after(), RUN)).toBeUndefined();
    expect(exitCodeOf(after(['turn.started']), RUN)).toBeUndefined();
    expect(exitCodeOf(after(['turn.started'], ASKED, ['turn.suspended']), STAYS)).toBeUndefined();
    expect(
      exitCodeOf(
        after(['turn.started'], ASKED, [
          'approval.resolved',
          { approval_id: 'apr_1', outcome: 'decided', decision: 'deny' },
        ]),
        RUN,
      ),
    ).toBeUndefined();
  });

  it('does not take the end of another turn for its own', () => {
    expect(exitCodeOf(after(['turn.started', {}, 'trn_0'], ['turn.completed', {}, 'trn_0']), RUN)).toBeUndefined();
  });

  it('waits for every turn that was begun from here', () => {
    const both: Wish = { turns: ['trn_1', 'trn_2'], leaves_when_asked: true };
    const first: readonly Happened[] = [['turn.started'], ['turn.completed', { stop_reason: 'end_turn' }]];
    expect(exitCodeOf(after(...first), both)).toBeUndefined();
    expect(exitCodeOf(after(...first, ['turn.started', {}, 'trn_2'], ['turn.failed', {}, 'trn_2']), both)).toBe(1);
  });

  it('stays attached from turn to turn until the session is ended, and its last turn with it', () => {
    const attached: Wish = { turns: null, leaves_when_asked: false };
    expect(exitCodeOf(after(['turn.started'], ['turn.failed']), attached)).toBeUndefined();
    expect(exitCodeOf(after(['turn.started'], ['session.closed', {}, null]), attached)).toBeUndefined();
    expect(exitCodeOf(after(['turn.started'], ['session.closed', {}, null], ['turn.cancelled']), attached)).toBe(0);
  });

  it('knows which approvals are open, and which nobody answered in time, until one is asked again', () => {
    const expired = after(['turn.started'], ASKED, ['approval.resolved', { approval_id: 'apr_1', outcome: 'expired' }]);
    expect([expired.pending, expired.expired]).toEqual([[], ['apr_1']]);
    expect(exitCodeOf(expired, RUN)).toBe(3);
    const again = proceed(expired, event('approval.requested', { approval: { id: 'apr_2' }, replaces: 'apr_1' }).event);
    expect([again.pending, again.expired]).toEqual([['apr_2'], []]);
  });

  it('keeps the work that a turn saved, and forgets it with the next turn', () => {
    const first = after(
      ['turn.started'],
      ['checkpoint.created', { ref: 'refs/tack/work/x', commit: 'c1' }],
      ['turn.completed'],
    );
    expect(first.last_end?.work).toEqual({ ref: 'refs/tack/work/x', commit: 'c1' });
    const second = proceed(
      proceed(first, event('turn.started', {}, { turn_id: 'trn_2' }).event),
      event('turn.completed', {}, { turn_id: 'trn_2' }).event,
    );
    expect(second.last_end?.work).toBeNull();
  });
});
