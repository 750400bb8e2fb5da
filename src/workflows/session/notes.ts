/** Notes about what people did with the work: events of the log that no state depends on. The same key is noted once. */
import type { NewEvent } from '../../domain/events/new-event.ts';
import type { WorkNote } from '../../domain/ports/engine.ts';

const REMEMBERED = 50;

export interface Notes {
  /** Empty when it is noted already. */
  take(note: WorkNote & { readonly key: string }): readonly NewEvent[];
  keys(): readonly string[];
}

export function createNotes(before: readonly string[]): Notes {
  let keys = before;
  return {
    keys: () => keys,
    take({ key, what, commit, branch, actor, via }) {
      if (keys.includes(key)) return [];
      keys = [...keys, key].slice(-REMEMBERED);
      return [
        {
          type: what === 'applied' ? 'work.applied' : 'work.discarded',
          turn_id: null,
          actor,
          via,
          data: { commit, branch },
        },
      ];
    },
  };
}
