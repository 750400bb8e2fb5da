/** What goes into an attempt of a turn (`runTurn`) and what comes out: the contract between workflow and activities. Types only. */
import type { Actor, Via } from './actor.ts';
import type { DecisionWord, Grant } from './approval/schema.ts';
import type { BlobRef } from './content.ts';

/** An answered approval, handed to the attempt that resumes the turn. */
export interface Answer {
  readonly approval_id: string;
  readonly digest: string;
  readonly decision: DecisionWord;
  readonly actor: Actor;
  readonly via: Via | null;
  readonly message?: BlobRef;
  readonly input?: BlobRef;
  readonly grant?: Grant;
}

/** Why an attempt beyond the first one starts. */
export type ResumeAfter = 'approval' | 'crash' | 'host_lost' | 'moved';

export interface TurnInput {
  readonly session_id: string;
  readonly turn_id: string;
  /** Counts the attempts that the workflow started, from 1. Temporal's own retries come on top. */
  readonly attempt: number;
  readonly after: ResumeAfter | null;
  readonly content: BlobRef;
  readonly actor: Actor;
  readonly via: Via | null;
  /** Blob of the session's AgentConfig (domain/spec/agent.ts). */
  readonly agent: BlobRef;
  readonly policy_version: string;
  /** How long a harness waits for an answer when no rule says otherwise. */
  readonly grace_s: number;
  /** This turn's decided approvals; which of them are used up is in the log. */
  readonly answers: readonly Answer[];
  /** Session grants. */
  readonly grants: readonly Grant[];
}

/** How an attempt ended. */
export type Outcome =
  | { readonly kind: 'completed'; readonly stop_reason: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'suspended'; readonly approval_ids: readonly string[] }
  | { readonly kind: 'moved' }
  | { readonly kind: 'lost'; readonly host: string | null };

/** A slot reserved on a host: where the attempt runs. */
export interface HostLease {
  readonly host: string;
  /** Task queue of the turn; `<queue>-ctl` carries control. */
  readonly queue: string;
}
