/** The activities by name, as the workflow calls them: arguments and results. Types only. */
import type { BlobRef } from '../domain/content.ts';
import type { Grant } from '../domain/approval/schema.ts';
import type { NewEvent } from '../domain/events/new-event.ts';
import type { Answer, HostLease, Outcome, TurnInput } from '../domain/turn.ts';

/** On `tack-pool`, which every host polls. */
export interface PoolActivities {
  /** Writes the machine's events; the same key twice is written once. */
  appendEvents(batch: {
    readonly session_id: string;
    readonly key: string;
    readonly events: readonly NewEvent[];
  }): Promise<{ readonly head: { readonly seq: number; readonly hash: string } }>;
  /** Reserves a slot. None free: `no_capacity`, asked again after 3 s. */
  acquireHost(request: {
    readonly session_id: string;
    readonly prefer?: string;
    readonly exclude: readonly string[];
  }): Promise<HostLease>;
  /** Frees the slot of an attempt that could not do it itself. */
  releaseHost(request: { readonly session_id: string }): Promise<void>;
  /** Wakes whoever shows approvals. */
  notifyApproval(approval: { readonly session_id: string; readonly approval_id: string }): Promise<void>;
  /** Keeps a grant that outlives the session (scope `always`). */
  writeGrant(request: { readonly session_id: string; readonly grant: Grant }): Promise<void>;
  /** Forgets it again. */
  revokeGrant(request: { readonly grant_id: string }): Promise<void>;
  /** Keeps a text outside of the history. */
  keepText(request: { readonly text: string }): Promise<BlobRef>;
}

/** On the queue of one host and boot. */
export interface HostActivities {
  runTurn(turn: TurnInput): Promise<Outcome>;
}

/** On the control queue of the same host: never behind a turn. */
export interface ControlActivities {
  /** An answer for a call that is held. Nobody holds it here: nothing happens. */
  deliverDecision(delivery: {
    readonly session_id: string;
    readonly turn_id: string;
    readonly answer: Answer;
  }): Promise<void>;
  /** Stops the turn's harness; the cancellation of `runTurn` says why. */
  killTurn(request: { readonly session_id: string; readonly turn_id: string }): Promise<void>;
  /** The turn yields at its next call that no other one runs beside. `turn_over` until it runs here: it may start or start again. */
  moveTurn(request: { readonly session_id: string; readonly turn_id: string }): Promise<void>;
  /** The session's policy was set: the turn reads it again. Resolves when every later call is judged by it. */
  policyChanged(request: { readonly session_id: string; readonly turn_id: string }): Promise<void>;
  steer(message: {
    readonly session_id: string;
    readonly turn_id: string;
    readonly content: BlobRef;
  }): Promise<{ readonly delivered: boolean }>;
}
