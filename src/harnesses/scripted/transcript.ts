/** What a script has done so far: written before and after each effect, so that a resume goes on at the first step without a result. Pure. */
import type { HarnessEvent } from '../contract.ts';

export type Line =
  /** From here on the effect may have happened. */
  | { readonly turn_id: string; readonly step: number; readonly allowed: true }
  /** The step is over: what it put into the log, to be said again when the log did not get it. */
  | { readonly turn_id: string; readonly step: number; readonly events: readonly LoggedEvent[] };
export type LoggedEvent = Extract<HarnessEvent, { kind: 'event' }>['event'];

export interface Past {
  /** How many turns came before this one. */
  readonly turns_before: number;
  readonly over: ReadonlyMap<number, readonly LoggedEvent[]>;
  /** Allowed, and nobody knows whether it happened. */
  readonly unknown: ReadonlySet<number>;
}

export function readPast(transcript: Uint8Array, turn_id: string): Past {
  const lines = new TextDecoder()
    .decode(transcript)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  const before = new Set(lines.map((line) => line.turn_id));
  before.delete(turn_id);
  const own = lines.filter((line) => line.turn_id === turn_id);
  const over = new Map(own.flatMap((line) => ('events' in line ? [[line.step, line.events] as const] : [])));
  const unknown = new Set(own.flatMap((line) => ('allowed' in line && !over.has(line.step) ? [line.step] : [])));
  return { turns_before: before.size, over, unknown };
}
