/** One attempt of a turn: a slot, the activity, and its end. Every end is an outcome; only a cancelled workflow throws. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { SessionState } from '../../domain/session/state.ts';
import type { HostLease, Outcome } from '../../domain/turn.ts';
import { hostOf, pool } from './activities.ts';
import type { Live } from './effects.ts';
import { turnInput } from './answers.ts';
import { moveWhenFull } from './move.ts';

export interface Attempt {
  readonly session_id: string;
  readonly state: () => SessionState;
  readonly live: Live;
  /** A host was found: the attempt starts there. */
  readonly placed: (lease: HostLease) => void;
}

export async function runAttempt({ session_id, state, live, placed }: Attempt): Promise<Outcome> {
  try {
    return await CancellationScope.cancellable(async () => {
      const scope = CancellationScope.current();
      live.cancel = () => scope.cancel();
      const { host, turn } = state();
      const lease = await pool.acquireHost({
        session_id,
        exclude: turn?.lost_hosts ?? [],
        ...(host && { prefer: host }),
      });
      live.lease = lease;
      placed(lease);
      const moving = moveWhenFull({ session_id, turn_id: turn?.turn_id ?? '', lease });
      return await hostOf(lease)
        .runTurn(turnInput(state()))
        .finally(() => moving.cancel());
    });
  } catch (error) {
    await CancellationScope.nonCancellable(() => pool.releaseHost({ session_id })); // it could not free its slot itself
    if (state().turn?.stopping) return { kind: 'cancelled' }; // a dead host answers a stop with a time-out, never with a cancellation
    if (isCancellation(error)) throw error;
    return outcomeOf(error, live.lease?.host ?? null);
  } finally {
    live.lease = live.cancel = undefined; // a lease is a reserved slot: held while a turn runs, never while it waits
  }
}

function outcomeOf(error: unknown, host: string | null): Outcome {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (
    cause instanceof TimeoutFailure &&
    (cause.timeoutType === 'SCHEDULE_TO_START' || cause.timeoutType === 'HEARTBEAT')
  )
    return { kind: 'lost', host };
  if (cause instanceof ApplicationFailure && (cause.type === 'host_lost' || cause.type === 'WorkerShutdown'))
    return { kind: 'lost', host };
  const code = (cause instanceof ApplicationFailure && cause.type) || 'internal';
  return { kind: 'failed', code, message: cause?.message ?? String(error) };
}
