/** What the acts of the demo share: how it was started, where it plays, and what can be looked up afterwards. Types only. */
import type { DemoHarness } from './agent.ts';
import type { Narrator, Stage } from './narrate.ts';
import type { DemoRoom } from './room.ts';

export interface DemoOptions {
  readonly harness: DemoHarness;
  /** Leaves the roles running. */
  readonly keep: boolean;
  /** The person's data folder: the demo's own is below it. */
  readonly data_folder: string;
  /** What the commands of the demo see: without credentials, and without a Tackroom of the person's. */
  readonly env: NodeJS.ProcessEnv;
  /** The engine's own command line, to ask it for its history. */
  readonly temporal: string;
  /** How `tack` is typed here, and in another folder. */
  readonly tack: { readonly here: string; readonly anywhere: string };
  /** The keyboard, where somebody sits at it. */
  readonly keys: NodeJS.ReadStream | null;
  readonly stage: Stage;
  readonly say: (line: string) => void;
  /** Calls `stop` when nobody hears the demo any more. */
  readonly onUnheard: (stop: () => void) => void;
}

export interface Scene extends DemoOptions {
  readonly room: DemoRoom;
  readonly narrator: Narrator;
  readonly stop: AbortController;
}

/** What can be looked up afterwards. */
export interface Found {
  readonly home: string;
  readonly session_id: string;
  readonly approval_id: string;
  readonly killed_pid: number;
  readonly went_on_after_ms: number;
  readonly events: number;
  /** Its address while it runs. */
  readonly engine: string;
}
