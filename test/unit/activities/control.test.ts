/** How others reach a running attempt, and why it ends before its harness does. */
import { ActivityCancellationDetails } from '@temporalio/common';
import type { Context } from '@temporalio/activity';
import { describe, expect, it, vi } from 'vitest';
import { controlActivities } from '../../../src/activities/control.ts';
import { createLiveTurns, type LiveTurn } from '../../../src/activities/live-turns.ts';
import { followCancellation } from '../../../src/activities/run-turn/cancellation.ts';
import { createTurnControl } from '../../../src/activities/run-turn/turn-control.ts';
import type { Answer } from '../../../src/domain/turn.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { ANNA } from '../domain/session/a-session.ts';

const answer: Answer = { approval_id: 'apr_1', digest: 'd', decision: 'allow_once', actor: ANNA, via: 'cli' };

describe('a running attempt', () => {
  it('hears an answer that came before it waited, and one that comes while it waits', async () => {
    const control = createTurnControl();
    control.deliver(answer);
    expect(await control.answer('apr_1', 1_000)).toBe(answer);
    const later = control.answer('apr_2', 1_000);
    control.deliver({ ...answer, approval_id: 'apr_2' });
    expect(await later).toMatchObject({ approval_id: 'apr_2' });
  });

  it('waits for its grace and no longer, also for one that no timer can hold', async () => {
    vi.useFakeTimers();
    try {
      const [short, long] = [createTurnControl().answer('apr_1', 120_000), createTurnControl().answer('apr_1', 1e12)];
      let ended = 0;
      for (const waiting of [short, long]) void waiting.then(() => (ended += 1));
      await vi.advanceTimersByTimeAsync(119_999);
      expect(ended).toBe(0);
      await vi.advanceTimersByTimeAsync(1);
      expect([await short, ended]).toEqual([null, 1]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('waits no longer once it is cut, and the first reason counts', async () => {
    const control = createTurnControl();
    const waiting = control.answer('apr_1', 60_000);
    control.end({ kind: 'stop' });
    control.end({ kind: 'suspend' });
    expect([await waiting, await control.cut, control.isCut()]).toEqual([null, { kind: 'stop' }, true]);
  });

  it.each([
    ['a person cancelled it', {}, 'stop'],
    ['another attempt runs', { timedOut: true }, 'gone'],
    ['the engine does not know it any more', { notFound: true }, 'gone'],
    ['its worker shuts down', { workerShutdown: true }, 'move'],
    ['it was paused', { paused: true }, 'move'],
  ] as const)('ends in its own way when %s', async (_why, holder, kind) => {
    const cancellation = new AbortController();
    const context = {
      cancellationSignal: cancellation.signal,
      cancellationDetails: new ActivityCancellationDetails(holder),
    } as unknown as Context;
    const control = createTurnControl();
    followCancellation(context, control);
    expect(control.isCut()).toBe(false);
    cancellation.abort();
    expect(await control.cut).toEqual({ kind });
    const late = createTurnControl();
    followCancellation(context, late); // it was cancelled before anybody looked
    expect(await late.cut).toEqual({ kind });
  });
});

describe('control of a host', () => {
  const aLiveTurn = (over: Partial<LiveTurn> = {}): LiveTurn => ({
    session_id: 'ses_1',
    turn_id: 'trn_1',
    epoch: 1,
    answer: vi.fn<LiveTurn['answer']>(),
    stop: vi.fn<LiveTurn['stop']>(),
    move: vi.fn<LiveTurn['move']>(),
    lookAtPolicy: vi.fn<LiveTurn['lookAtPolicy']>(async () => {}),
    steer: vi.fn<LiveTurn['steer']>(async () => true),
    judge: vi.fn<LiveTurn['judge']>(),
    append: vi.fn<LiveTurn['append']>(),
    ...over,
  });
  const { blobs } = memoryStore();

  it('reaches the turn that runs here, and leaves every other one alone', async () => {
    const turns = createLiveTurns();
    const turn = aLiveTurn();
    turns.enter(turn);
    const { deliverDecision, killTurn, policyChanged, steer } = controlActivities({ blobs }, turns);
    const content = await blobs.put(JSON.stringify([{ type: 'text', text: 'left' }]));
    for (const turn_id of ['trn_0', 'trn_1']) {
      await deliverDecision({ session_id: 'ses_1', turn_id, answer });
      await killTurn({ session_id: 'ses_1', turn_id });
      await policyChanged({ session_id: 'ses_1', turn_id });
    }
    const calls = [turn.answer, turn.stop, turn.lookAtPolicy].map((called) => vi.mocked(called).mock.calls.length);
    expect(calls).toEqual([1, 1, 1]);
    expect(await steer({ session_id: 'ses_1', turn_id: 'trn_1', content })).toEqual({ delivered: true });
    expect(turn.steer).toHaveBeenCalledWith([{ type: 'text', text: 'left' }]);
    expect(await steer({ session_id: 'ses_2', turn_id: 'trn_1', content })).toEqual({ delivered: false });
  });

  it('keeps the newer attempt when the older one leaves late', () => {
    const turns = createLiveTurns();
    const [older, newer] = [aLiveTurn(), aLiveTurn({ epoch: 2 })];
    turns.enter(older);
    turns.enter(newer);
    turns.leave(older);
    expect(turns.find('ses_1')).toBe(newer);
    turns.leave(newer);
    expect(turns.find('ses_1')).toBeUndefined();
  });
});
