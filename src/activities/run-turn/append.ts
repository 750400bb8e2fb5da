/** Observations of one attempt go into the log under its epoch: a newer attempt has a higher one, and this one is refused. */
import { isTackError } from '../../domain/errors.ts';
import type { ActivityPorts, Append } from '../ports.ts';
import type { TurnControl } from './turn-control.ts';

export function appender(
  { log, screens }: Pick<ActivityPorts, 'log' | 'screens'>,
  { session_id, epoch }: { readonly session_id: string; readonly epoch: number },
  control: TurnControl,
): Append {
  return async (key, events) => {
    try {
      const { head_seq } = await log.append(session_id, epoch, key, events);
      screens.wake(session_id, head_seq);
    } catch (error) {
      control.end(
        isTackError(error) && error.code === 'store_stale_epoch' ? { kind: 'gone' } : { kind: 'broken', error },
      );
      throw error;
    }
  };
}
