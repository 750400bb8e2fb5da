/** When the workflow must look at its deadlines. */
import { approvalsOf } from './result.ts';
import type { SessionLimits, SessionState } from './state.ts';

const SOON_S = 600;

/** The nearest deadline that can change something in this phase, or undefined. */
export function nextExpiry(state: SessionState): string | undefined {
  const isParked = state.turn?.phase === 'suspended' || state.turn?.phase === 'expired';
  const counting = approvalsOf(state, 'pending').filter(({ on_expiry }) => isParked || on_expiry === 'deny');
  return counting.map(({ expires_at }) => expires_at).toSorted()[0];
}

/** The next look at a deadline: an hour before it, then every ten minutes, so that an outage just before it is noticed. */
export function nextLook(deadline: string, now: string, { reprieve_s }: SessionLimits): string {
  const due = Date.parse(deadline);
  const first = due - reprieve_s * 1000;
  const look = Date.parse(now) < first ? first : Math.min(due, Date.parse(now) + SOON_S * 1000);
  return new Date(look).toISOString();
}
