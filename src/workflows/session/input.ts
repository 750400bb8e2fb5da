/** What a session's workflow is started with, and what it hands to its next run. Types only. */
import type { Actor, Via } from '../../domain/actor.ts';
import type { BlobRef } from '../../domain/content.ts';
import type { SessionLimits, SessionState } from '../../domain/session/state.ts';

export interface SessionInput {
  readonly v: 1;
  readonly session_id: string;
  /** Blob of the AgentConfig. */
  readonly agent: BlobRef;
  readonly policy_version: string;
  readonly steers: boolean;
  /** What people read about the session: title, harness, model, project … */
  readonly about: Readonly<Record<string, unknown>>;
  readonly actor: Actor;
  readonly via: Via | null;
  readonly limits?: Partial<SessionLimits>;
  readonly roll_after_events?: number;
  readonly carried?: Carried;
}

/** What goes over a change of runs. */
export interface Carried {
  readonly state: SessionState;
  readonly log: LogPosition;
  /** Keys of the last notes, so that a repeated one is one. */
  readonly noted: readonly string[];
}

/** How far the machine's events are written, and the head of the chain at that time: two stores would have to be forged. */
export interface LogPosition {
  readonly written: number;
  readonly head: { readonly seq: number; readonly hash: string } | null;
}
