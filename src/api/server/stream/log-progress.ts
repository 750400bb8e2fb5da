/** Which half-said items became whole: read from the log. */
import type { EventLog } from '../../../domain/ports/event-log.ts';
import type { LogProgress } from './frame-hub.ts';

const WHOLE = ['agent.message', 'agent.thinking', 'agent.tool_use', 'agent.tool_result'];
const TURN_ENDS = ['turn.completed', 'turn.failed', 'turn.cancelled', 'turn.suspended'];
const PAGE = 500;

/** `store` may be slow or away: the hub asks again with the next append. */
export function logProgress(log: Pick<EventLog, 'read' | 'head'>): LogProgress {
  return {
    head: async (session_id) => (await log.head(session_id)).seq,
    async since(session_id, after) {
      const finished: string[] = [];
      let turn_ended_at = 0;
      for (let cursor = after; ;) {
        const events = await log.read(session_id, { after: cursor, limit: PAGE, types: [...WHOLE, ...TURN_ENDS] });
        for (const { seq, type, data } of events) {
          if (TURN_ENDS.includes(type)) turn_ended_at = seq;
          if (typeof data['item_id'] === 'string') finished.push(data['item_id']);
        }
        if (events.length < PAGE) return { finished, turn_ended_at };
        cursor = events.at(-1)!.seq;
      }
    },
  };
}
