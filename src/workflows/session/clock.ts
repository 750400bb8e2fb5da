/** Looks at the deadlines of open approvals: an hour before, then every ten minutes, so that an outage just before one is noticed. */
import { CancellationScope, condition } from '@temporalio/workflow';
import { nextExpiry, nextLook } from '../../domain/session/clock.ts';
import type { SessionState } from '../../domain/session/state.ts';

export function startClock(state: () => SessionState, now: () => string, due: (due_at: string) => void): void {
  void CancellationScope.nonCancellable(async () => {
    for (;;) {
      await condition(() => nextExpiry(state()) !== undefined);
      const deadline = nextExpiry(state());
      if (deadline === undefined) continue;
      const due_at = nextLook(deadline, now(), state().limits);
      const changed = await condition(
        () => nextExpiry(state()) !== deadline,
        Math.max(1, Date.parse(due_at) - Date.parse(now())),
      );
      if (!changed) due(due_at);
    }
  });
}
