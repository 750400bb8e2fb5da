/** One request on its way through the model server. Types only. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gates } from './gates.ts';
import type { Recorder } from './record.ts';

export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly body: string;
  readonly recorder: Recorder;
  readonly gates: Gates;
  /** How often a trouble has happened, by tag: the one thing that is counted. */
  readonly troubles: Map<string, number>;
}
