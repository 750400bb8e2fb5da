/** What the worker's answer means for a request that waits here. */
import { isTackError, ERROR_KINDS } from '../../domain/errors.ts';
import type { JudgeAnswer } from '../../domain/wires/judge.ts';
import { refusal, type Denial } from './denial.ts';

/** Null: it may leave. */
export function denialBy({ effect, rules }: JudgeAnswer): Denial | null {
  const [hit] = rules;
  const reason = rules.map((rule) => rule.reason).join(' ');
  switch (effect) {
    case 'allow':
      return null;
    case 'deny':
      return refusal(hit?.name ?? 'policy', `Denied by rule ${hit?.name ?? '(unnamed)'}: ${reason}`, {
        code: 'policy_denied',
        way_out: 'A person can change the policy of the session.',
      });
    case 'ask':
      return refusal(hit?.name ?? 'policy', `Rule ${hit?.name ?? '(unnamed)'} wants a person asked: ${reason}`, {
        code: 'policy_denied',
        way_out:
          'Model requests cannot be asked about yet: a person can allow `model.request` in the policy of the session.',
      });
  }
}

/** Nobody judged: nothing leaves. */
export function denialAfter(error: unknown): Denial {
  const stale = isTackError(error) && error.code === 'store_stale_epoch';
  if (stale)
    return refusal('attempt-over', 'This attempt of the turn is over; another one may go on with it.', {
      code: 'turn_over',
      way_out: 'Nothing to do.',
    });
  return refusal('judged-or-nothing', 'Nobody is there to judge the request, so it does not leave.', {
    status: 503,
    code: 'broker_unavailable',
    way_out: ERROR_KINDS.broker_unavailable.way_out,
  });
}
