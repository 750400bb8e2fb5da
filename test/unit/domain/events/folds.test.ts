/** The rows that lists show, folded from the log: they say what the machine's state says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../../../src/domain/events/envelope.ts';
import { approvalsNamedBy, foldApprovals, type ApprovalFold } from '../../../../src/domain/events/fold-approval.ts';
import { foldSession, type SessionFold } from '../../../../src/domain/events/fold-session.ts';
import type { NewEvent } from '../../../../src/domain/events/new-event.ts';
import { statusOf } from '../../../../src/domain/session/status.ts';
import * as say from '../session/a-session.ts';
import { aStory, stamped } from './a-log.ts';

const sessionOf = (log: readonly Envelope[]): SessionFold =>
  log.reduce<SessionFold | null>(foldSession, null) as SessionFold;

/** As the store does it: only the rows that an event names are known to the fold. */
function approvalsOf(log: readonly Envelope[]): ReadonlyMap<string, ApprovalFold> {
  const rows = new Map<string, ApprovalFold>();
  for (const event of log) {
    const known = new Map(approvalsNamedBy(event).flatMap((id) => (rows.has(id) ? [[id, rows.get(id)!]] : [])));
    for (const row of foldApprovals(known, event)) rows.set(row.approval_id, row);
  }
  return rows;
}

const observed = (type: NewEvent['type'], data: NewEvent['data'], turn_id = 'trn_1'): NewEvent => ({
  type,
  turn_id,
  actor: say.ANNA,
  via: null,
  data,
});

describe('the row of a session', () => {
  it('has the state of the machine, whatever happened', () => {
    fc.assert(
      fc.property(aStory, ({ state, log }) => {
        const fold = sessionOf(stamped(log));
        expect(fold.state).toEqual(state);
        expect(fold.row).toMatchObject({
          ...statusOf(state),
          queued: state.queue.length,
          pending_approvals: Object.values(state.approvals).filter(({ status }) => status === 'pending').length,
          turns: log.filter(({ type }) => type === 'turn.started').length,
          head_seq: log.length,
        });
      }),
      { numRuns: 200 },
    );
  });
  it('is the same whether the log is folded at once or taken up again from a stored row', () => {
    fc.assert(
      fc.property(aStory, fc.nat(100), ({ log }, cut) => {
        const all = stamped(log);
        const at = Math.min(cut, all.length - 1) + 1;
        const stored = JSON.parse(JSON.stringify(sessionOf(all.slice(0, at)))) as SessionFold;
        expect(all.slice(at).reduce<SessionFold>(foldSession, stored)).toEqual(sessionOf(all));
      }),
    );
  });
  it('takes name, use and work from what was observed', () => {
    const { log } = say.tell(say.aSession(), say.prompt(1), say.started());
    const { row } = sessionOf(
      stamped([
        ...log,
        observed('usage.recorded', { input_tokens: 10, output_tokens: 2 }),
        observed('agent.message', { text: 'Hello.' }),
        observed('usage.recorded', { input_tokens: 5, output_tokens: 'many' }),
        observed('checkpoint.created', { commit: 'c0ffee', ref: 'tack/fix' }),
        { ...observed('session.updated', { title: 'Another title', model: null }), turn_id: null },
      ]),
    );
    expect(row).toMatchObject({
      title: 'Another title',
      agent: 'coder',
      harness: 'scripted',
      model: null,
      input_tokens: 15,
      output_tokens: 2,
      work_commit: 'c0ffee',
      branch: 'tack/fix',
      status: 'running',
      created_at: say.at(0),
      updated_at: say.at(log.length + 4),
    });
  });
  it('is there before the session is: a log may begin with what was observed', () => {
    expect(sessionOf(stamped([observed('error.raised', { code: 'internal' })]))).toMatchObject({
      state: null,
      row: { status: 'starting', head_seq: 1 },
    });
  });
});

describe('the rows of approvals', () => {
  it('have the status that the machine knows, and every one that was ever asked', () => {
    fc.assert(
      fc.property(aStory, ({ state, log }) => {
        const rows = approvalsOf(stamped(log));
        const asked = log
          .filter(({ type }) => type === 'approval.requested')
          .map(({ data }) => (data['approval'] as { id: string }).id);
        expect([...rows.keys()].toSorted()).toEqual([...new Set(asked)].toSorted());
        for (const { approval_id, status, digest, expires_at, turn_id, kind } of Object.values(state.approvals))
          expect(rows.get(approval_id)).toMatchObject({ status, digest, expires_at, turn_id, kind });
      }),
      { numRuns: 200 },
    );
  });
  it('keep the first answer: who, how and when', () => {
    const { log } = say.tell(say.PHASES.held(), say.answer(1, { decision: 'deny', message: say.blob('no') }));
    const late = observed('approval.resolved', {
      approval_id: 'apr_1',
      outcome: 'decided',
      decision: 'allow_once',
      resolved_at: say.at(99),
    });
    const row = approvalsOf(stamped([...log, late])).get('apr_1');
    expect(row).toMatchObject({
      status: 'decided',
      resolution: { decision: 'deny', actor: say.ANNA, via: 'cli', resolved_at: say.at(10), message: say.blob('no') },
    });
  });
  it('say which question replaced an expired one', () => {
    const { log } = say.tell(say.PHASES.expired(), say.askAgain(1, 2));
    const rows = approvalsOf(stamped(log));
    expect(rows.get('apr_1')).toMatchObject({ status: 'expired', resolution: { replaced_by: 'apr_2' } });
    expect(rows.get('apr_2')).toMatchObject({ status: 'pending', resolution: null });
  });
  it('are named by the events that change them, and by no other', () => {
    fc.assert(
      fc.property(aStory, ({ log }) => {
        for (const event of stamped(log)) {
          const named = approvalsNamedBy(event);
          expect(named.length > 0).toBe(event.type.startsWith('approval.'));
          for (const { approval_id } of foldApprovals(new Map(), event)) expect(named).toContain(approval_id);
        }
      }),
    );
  });
});
