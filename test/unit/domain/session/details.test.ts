/** What the table says in words: stops, late looks, answers, caps. */
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../../src/domain/errors.ts';
import { nextExpiry, nextLook } from '../../../../src/domain/session/clock.ts';
import { decide } from '../../../../src/domain/session/decide.ts';
import { grantOf } from '../../../../src/domain/session/grant.ts';
import { statusOf } from '../../../../src/domain/session/status.ts';
import * as say from './a-session.ts';
import { aSession, at, outcome, phaseOf, PHASES, tell } from './a-session.ts';

describe('a message', () => {
  it('said twice is one turn', () => {
    expect(outcome(PHASES.running(), say.prompt(1))).toEqual([]);
  });
  it('is refused when 50 wait already', () => {
    const full = tell(PHASES.running(), ...Array.from({ length: 50 }, (_, n) => say.prompt(n + 2)));
    expect(full.state.queue).toHaveLength(50);
    expect(outcome(full, say.prompt(99))).toBe('queue_full');
  });
  it('that was queued begins its turn when the one before has ended, in the order of arrival', () => {
    const two = tell(PHASES.running(), say.prompt(2), say.prompt(3), say.COMPLETED);
    expect([two.state.turn?.turn_id, two.state.queue.map(({ turn_id }) => turn_id)]).toEqual(['trn_2', ['trn_3']]);
  });
  it('that steers stands first in the queue when the harness cannot take it', () => {
    const plain = tell(aSession({ steers: false }), say.prompt(1), say.started(), say.prompt(2), say.steer(3));
    expect(plain.state.queue.map(({ turn_id }) => turn_id)).toEqual(['trn_3', 'trn_2']);
  });
  it('that steers goes into the running turn, and is known by that turn', () => {
    const steered = tell(PHASES.running(), say.steer(2));
    expect(steered.state.queue).toEqual([]);
    expect(steered.state.client_ids).toContainEqual(['c2', 'trn_1']);
  });
  it('that the harness did not take becomes a turn of its own, first of all', () => {
    const back = tell(PHASES.running(), say.prompt(2), say.steer(3), say.missed(3));
    expect(back.state.queue.map(({ turn_id }) => turn_id)).toEqual(['trn_3', 'trn_2']);
    const late = tell(PHASES.running(), say.steer(3), say.COMPLETED, say.missed(3));
    expect(late.state.turn?.turn_id).toBe('trn_3');
  });
});

describe('an answer', () => {
  it('tells the second approver who decided first, when and via what', () => {
    const decided = tell(PHASES.held(), say.answer(1));
    const loser = decide(decided.state, say.answer(1, { actor: say.BEN, via: 'web', decision: 'deny' }, 11));
    expect(isRefusal(loser) && loser).toMatchObject({
      refused: 'approval_already_resolved',
      details: { decision: 'allow_once', by: say.ANNA, via: 'cli', resolved_at: at(10) },
    });
  });
  it.each([
    ['without the digest of the action', { digest: say.sha256('other') }, 'digest_mismatch'],
    ['for the session without a pattern', { decision: 'allow_session' }, 'decision_invalid'],
    ['of a question to what is no question', { decision: 'answer', input: say.blob('x') }, 'decision_invalid'],
    ['in a word that is none', { decision: 'yes' as 'deny' }, 'decision_invalid'],
    ['with a pattern longer than 2,000 characters', hugePattern(), 'decision_invalid'],
  ] as const)('%s is refused', (_title, over, refused) => {
    expect(outcome(PHASES.held(), say.answer(1, over))).toBe(refused);
  });
  it('for the session is refused where the rule lets it be once', () => {
    const held = tell(PHASES.running(), say.ask(1, { grantable: 'once' }));
    const wide = say.answer(1, { decision: 'allow_session', pattern: { on: 'shell.exec', commands: ['git push'] } });
    expect(outcome(held, wide)).toBe('decision_invalid');
  });
  it('of somebody whom the rule does not name, and of ops by Signal, is refused', () => {
    const held = tell(PHASES.running(), say.ask(1, { approvers: ['user:ben', 'operator'] }));
    expect(outcome(held, say.answer(1))).toBe('not_eligible');
    expect(outcome(held, say.answer(1, { actor: { type: 'operator', id: 'operator' }, via: 'signal' }))).toBe(
      'not_eligible',
    );
    expect(outcome(held, say.answer(1, { actor: say.BEN }))).toContain('approval.resolved');
  });
  it('to a question brings input and makes no grant', () => {
    const held = tell(PHASES.running(), say.ask(1, { kind: 'question' }));
    expect(statusOf(held.state)).toEqual({ status: 'requires_action', reason: 'question' });
    expect(outcome(held, say.answer(1))).toBe('decision_invalid');
    expect(outcome(held, say.answer(1, { decision: 'answer', input: say.blob('{}') }))).toEqual(['approval.resolved']);
  });
  it('for the session makes a grant of the action itself and of the shown pattern', () => {
    const pattern = { on: 'shell.exec', commands: ['git push'] };
    const told = tell(PHASES.held(), say.answer(1, { decision: 'allow_session', pattern }));
    const grant = {
      grant_id: 'grt_1',
      approval_id: 'apr_1',
      scope: 'session',
      digest: say.sha256('action 1'),
      pattern,
      rules: ['pushes'],
    };
    expect(told.state.grants).toEqual([grant]);
    expect(told.log.at(-1)).toMatchObject({ type: 'grant.created', data: grant });
    expect(grantOf(told.state.approvals['apr_1']!, told.state.approvals['apr_1']!)).toEqual(grant);
  });
  it('leaves the turn held while another question is open, and suspended until all are answered', () => {
    const held = tell(PHASES.held(), say.ask(2), say.answer(1));
    expect(phaseOf(held)).toBe('held');
    const parked = tell(held, say.suspendedOn('apr_1', 'apr_2'));
    expect(phaseOf(parked)).toBe('suspended');
    expect(phaseOf(tell(parked, say.answer(2, { decision: 'deny' })))).toBe('starting');
  });
  it('that denies and stops ends a held turn when its attempt has ended, with the other questions cancelled', () => {
    const stopped = tell(PHASES.held(), say.ask(2), say.answer(1, { decision: 'deny_and_stop' }));
    expect(stopped.state.approvals['apr_2']?.status).toBe('cancelled');
    expect(stopped.state.turn?.stopping).toBeDefined();
    expect(tell(stopped, say.COMPLETED).state.last_end).toEqual({ turn_id: 'trn_1', end: 'cancelled' });
  });
  it('that denies and stops ends a suspended turn at once, and the next begins', () => {
    const next = tell(PHASES.suspended(), say.prompt(2), say.answer(1, { decision: 'deny_and_stop' }));
    expect(next.state.turn?.turn_id).toBe('trn_2');
  });
  it('to what a lost host left pending is recorded, and the next attempt hears it', () => {
    const lost = tell(PHASES.held(), say.ended({ kind: 'lost', host: 'host-1' }));
    const answered = tell(lost, say.answer(1), say.started('host-2'));
    expect(phaseOf(answered)).toBe('running');
    expect(outcome(answered, say.ask(1, { attempt: 2 }))).toEqual([]);
  });
  it('to one of two that a lost host left leaves the next attempt running', () => {
    const lost = tell(PHASES.held(), say.ask(2), say.ended({ kind: 'lost', host: 'host-1' }), say.started());
    expect(phaseOf(tell(lost, say.answer(1)))).toBe('running');
  });
});

describe('a question', () => {
  it('of another attempt than the running one is over', () => {
    expect(outcome(PHASES.running(), say.ask(1, { attempt: 2 }))).toBe('turn_over');
  });
  it('that the next attempt asks again has the same id, and holds the turn again', () => {
    const next = tell(PHASES.held(), say.ended({ kind: 'moved' }), say.started(), say.ask(1, { attempt: 2 }));
    expect(phaseOf(next)).toBe('held');
    expect(Object.keys(next.state.approvals)).toEqual(['apr_1']);
    expect(next.log.at(-1)?.data).toMatchObject({ again: true });
  });
  it('beyond the twentieth open one is refused', () => {
    const many = tell(PHASES.running(), ...Array.from({ length: 20 }, (_, n) => say.ask(n + 1)));
    expect(outcome(many, say.ask(99))).toBe('queue_full');
  });
  it('asked again waits as long as the first, names it, and is answered in its place', () => {
    const again = tell(PHASES.expired(), say.askAgain(1, 9));
    expect(again.state.approvals['apr_1']).toMatchObject({ status: 'expired', replaced_by: 'apr_9' });
    expect(again.state.approvals['apr_9']).toMatchObject({
      status: 'pending',
      expires_at: at(8000 + 3600),
      card: say.blob('card 1'),
    });
    expect(outcome(again, say.answer(1))).toBe('approval_expired');
    expect(phaseOf(tell(again, say.answer(9, { digest: say.sha256('action 1') })))).toBe('starting');
  });
  it('that nobody answered keeps the turn waiting until it is asked again too', () => {
    const two = tell(PHASES.held(), say.ask(2), say.suspendedOn('apr_1', 'apr_2'), say.tick(3600));
    const one = tell(two, say.askAgain(1, 9), say.answer(9, { digest: say.sha256('action 1') }));
    expect(phaseOf(one)).toBe('expired');
    expect(statusOf(one.state)).toEqual({ status: 'paused', reason: 'approval_expired' });
    const both = tell(one, say.askAgain(2, 8), say.answer(8, { digest: say.sha256('action 2') }));
    expect(phaseOf(both)).toBe('starting');
  });
  it('is still answered while another one has expired', () => {
    const two = tell(
      PHASES.running(),
      say.ask(1),
      say.ask(2, { expires_in_s: 9000 }),
      say.suspendedOn(),
      say.tick(3600),
    );
    expect(phaseOf(two)).toBe('expired');
    expect(outcome(two, say.answer(2))).toEqual(['approval.resolved', 'grant.created']);
    expect(phaseOf(tell(two, say.answer(2)))).toBe('expired');
  });
});

describe('the clock', () => {
  it('denies by policy when the rule says so, while the turn is held and while it is suspended', () => {
    const held = tell(PHASES.running(), say.ask(1, { on_expiry: 'deny' }));
    const denied = tell(held, say.tick(3600));
    expect(denied.state.approvals['apr_1']).toMatchObject({
      status: 'decided',
      decision: 'deny',
      actor: { type: 'policy' },
    });
    expect(phaseOf(denied)).toBe('running');
    expect(phaseOf(tell(held, say.suspendedOn('apr_1'), say.tick(3600)))).toBe('starting');
  });
  it('looks at nothing in the phases where nothing expires', () => {
    for (const phase of ['no turn', 'starting', 'running', 'held', 'expired', 'closed'] as const)
      expect(nextExpiry(PHASES[phase]().state), phase).toBeUndefined();
    expect(nextExpiry(PHASES.suspended().state)).toBe(at(3600));
  });
  it('that looks more than 60 s late expires nothing, and gives what is open another hour', () => {
    const late = say.command('tick', { due_at: at(3600) }, 3661);
    const told = tell(PHASES.suspended(), late);
    expect(told.log.at(-1)).toMatchObject({ type: 'approval.extended', data: { expires_at: at(3661 + 3600) } });
    expect(phaseOf(told)).toBe('suspended');
    const intime = say.command('tick', { due_at: at(3600) }, 3660);
    expect(phaseOf(tell(PHASES.suspended(), intime))).toBe('expired');
  });
  it('looks an hour before the deadline, then every ten minutes, then at it', () => {
    const { limits } = aSession().state;
    const deadline = at(72 * 3600);
    expect(nextLook(deadline, at(0), limits)).toBe(at(71 * 3600));
    expect(nextLook(deadline, at(71 * 3600), limits)).toBe(at(71 * 3600 + 600));
    expect(nextLook(deadline, at(72 * 3600 - 10), limits)).toBe(deadline);
  });
});

describe('a stop', () => {
  it('marks the turn: no question, no next turn until its attempt has ended', () => {
    const stopping = tell(PHASES.held(), say.prompt(2), say.interrupt);
    expect(outcome(stopping, say.ask(3))).toBe('turn_over');
    expect(outcome(stopping, say.interrupt)).toEqual([]);
    expect(stopping.state.turn?.turn_id).toBe('trn_1');
    const over = tell(stopping, say.ended({ kind: 'lost', host: null }));
    expect([over.state.last_end?.end, over.state.turn?.turn_id]).toEqual(['cancelled', 'trn_2']);
  });
  it('by closing drops the queue, and the turn ends after its attempt', () => {
    const closing = tell(PHASES.running(), say.prompt(2), say.close);
    expect(closing.state).toMatchObject({ phase: 'closed', queue: [], turn: { turn_id: 'trn_1' } });
    const closed = tell(closing, say.ended({ kind: 'cancelled' }));
    expect(closed.state.turn).toBeUndefined();
    expect(statusOf(closed.state)).toEqual({ status: 'closed', reason: 'user' });
  });
});

describe('a setting', () => {
  it('of another agent counts from the next turn', () => {
    const running = tell(PHASES.running(), say.prompt(2), say.setAgent);
    expect(running.state.turn?.agent).toEqual(say.blob('agent'));
    expect(outcome(running, say.steer(3))).toEqual(['user.message']);
    expect(tell(running, say.COMPLETED).state.turn).toMatchObject({ agent: say.blob('other'), steers: false });
  });
});

describe('status', () => {
  it.each([
    ['no turn', 'idle', 'end_turn'],
    ['starting', 'starting', 'new'],
    ['running', 'running', 'turn'],
    ['held', 'requires_action', 'approval'],
    ['suspended', 'requires_action', 'approval'],
    ['expired', 'paused', 'approval_expired'],
    ['closed', 'closed', 'user'],
  ] as const)('of a session in %s is %s', (phase, status, reason) => {
    expect(statusOf(PHASES[phase]().state)).toEqual({ status, reason });
  });
});

function hugePattern() {
  return {
    decision: 'allow_session',
    pattern: { on: 'shell.exec', commands: ['x'.repeat(2000)] },
  } satisfies object as {
    decision: 'allow_session';
    pattern: { on: string; commands: string[] };
  };
}
