/** What the broker asks about a running turn, and tells it: answered by that turn's own policy and log. */
import type { LiveTurns } from '../activities/live-turns.ts';
import { SYSTEM_ACTOR } from '../domain/system-actor.ts';
import { TackError } from '../domain/errors.ts';
import type { Judge } from './judge-server.ts';

export function createJudge(turns: LiveTurns): Judge {
  const turnOf = (session_id: string, epoch: number) => {
    const turn = turns.find(session_id);
    if (!turn || turn.epoch !== epoch) throw new TackError('store_stale_epoch', 'This attempt is over.');
    return turn;
  };
  return {
    async judge({ session_id, epoch, action }) {
      const { effect, rules } = turnOf(session_id, epoch).judge(action);
      return { effect, rules: [...rules] };
    },
    async usage({ session_id, epoch, turn_id, request_id, ...figures }) {
      await turnOf(session_id, epoch).append(`usage/${request_id}`, [
        {
          type: 'usage.recorded',
          turn_id,
          actor: SYSTEM_ACTOR,
          via: null,
          data: { request_id, source: 'broker', ...figures },
        },
      ]);
    },
  };
}
