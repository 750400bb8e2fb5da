/** Control of a turn that runs in this process. A turn that is not here (any more) needs none. */
import { ApplicationFailure } from '@temporalio/common';
import { Content } from '../domain/content.ts';
import type { Blobs } from '../domain/ports/event-log.ts';
import type { ControlActivities } from './contract.ts';
import type { LiveTurns } from './live-turns.ts';

export function controlActivities({ blobs }: { readonly blobs: Blobs }, turns: LiveTurns): ControlActivities {
  return {
    async deliverDecision({ session_id, turn_id, answer }) {
      turns.find(session_id, turn_id)?.answer(answer);
    },
    async killTurn({ session_id, turn_id }) {
      turns.find(session_id, turn_id)?.stop();
    },
    async moveTurn({ session_id, turn_id }) {
      const turn = turns.find(session_id, turn_id);
      if (!turn) throw ApplicationFailure.retryable('This turn does not run here now.', 'turn_over');
      turn.move();
    },
    async policyChanged({ session_id, turn_id }) {
      await turns.find(session_id, turn_id)?.lookAtPolicy();
    },
    async steer({ session_id, turn_id, content }) {
      const turn = turns.find(session_id, turn_id);
      if (!turn) return { delivered: false };
      return { delivered: await turn.steer(Content.array().parse(JSON.parse(await blobs.text(content)))) };
    },
  };
}
