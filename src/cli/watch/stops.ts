/** Ctrl-C: once interrupts the turn, twice detaches; where nothing runs it detaches at once. */
import type { Client } from '../../api/contract/client.ts';
import { patiently } from './patient.ts';

interface StopParts {
  readonly client: Client;
  readonly session_id: string;
  readonly isRunning: () => boolean;
  readonly say: (line: string) => void;
  readonly detach: () => void;
}

export interface Stops {
  interrupt(): void;
  /** The turn is over: the next Ctrl-C is a first one again. */
  turnEnded(): void;
}

export function createStops({ client, session_id, isRunning, say, detach }: StopParts): Stops {
  let was_asked = false;
  return {
    interrupt() {
      if (was_asked || !isRunning()) return detach();
      was_asked = true;
      say('■ Interrupting the turn … Ctrl-C again detaches: the session runs on.');
      patiently((options) => client.sessions.interrupt({ session_id, body: {} }, options)).catch((error: unknown) =>
        say(`✗ The turn was not interrupted: ${error instanceof Error ? error.message : String(error)}`),
      );
    },
    turnEnded() {
      was_asked = false;
    },
  };
}
