/** When the workflow must look at its deadlines. */
import { approvalsOf } from './approvals.ts';
import type { Approval, SessionLimits, SessionState } from './state.ts';

const SOON_S = 600;

/** The nearest deadline that can change something in this phase, or undefined. */
export function nextExpiry(state: SessionState): string | undefined {
  return expirable(state)
    .map(({ expires_at }) => expires_at)
    .toSorted()[0];
}

/** Whose deadline counts: while the harness waits only what is denied then; without a process all; in every other phase none. */
export function expirable(state: SessionState): readonly Approval[] {
  const phase = state.turn?.phase;
  if (phase === 'suspended') return approvalsOf(state, 'pending');
  if (phase === 'held') return approvalsOf(state, 'pending').filter(({ on_expiry }) => on_expiry === 'deny');
  return [];
}

/** The next look at a deadline: an hour before it, then every ten minutes, so that an outage just before it is noticed. */
export function nextLook(deadline: string, now: string, { reprieve_s }: SessionLimits): string {
  const due = Date.parse(deadline);
  const first = due - reprieve_s * 1000;
  const look = Date.parse(now) < first ? first : Math.min(due, Date.parse(now) + SOON_S * 1000);
  return new Date(look).toISOString();
}
