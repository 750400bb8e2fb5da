/** A run that grows full under a long turn: the turn is told to yield at its next call, so that the run can change between two attempts. */
import { CancellationScope, condition, isCancellation, patched, sleep, workflowInfo } from '@temporalio/workflow';
import type { HostLease } from '../../domain/turn.ts';
import { moverOf } from './activities.ts';

/** Its worker may have died after it was told. */
const TELL_AGAIN = '5 minutes';

export interface Moving {
  readonly session_id: string;
  readonly turn_id: string;
  readonly lease: HostLease;
}

/** Until it is cancelled: the attempt is over. */
export function moveWhenFull({ session_id, turn_id, lease }: Moving): CancellationScope {
  const scope = new CancellationScope();
  void scope
    .run(async () => {
      await condition(() => workflowInfo().continueAsNewSuggested);
      if (!patched('move-when-full')) return; // these turns went on in the run that they were in
      for (;;) {
        await moverOf(lease).moveTurn({ session_id, turn_id });
        await sleep(TELL_AGAIN);
      }
    })
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  return scope;
}
