/** The engine as the API sees it: commands to a session's workflow. Implemented in src/api/engine on Temporal. Types only. */
import type { Actor, Via } from '../actor.ts';
import type { DecisionWord } from '../approval/schema.ts';
import type { Payloads } from '../session/command.ts';
import type { SessionRecord } from './records.ts';

/** A decision as the machine recorded it. */
export interface RecordedDecision {
  readonly approval_id: string;
  readonly decision: DecisionWord;
  readonly actor: Actor;
  readonly via: Via | null;
  readonly resolved_at: string;
  readonly grant_id: string | null;
}

/** What a person did with a session's work in their own repository. */
export interface WorkNote {
  readonly what: 'applied' | 'discarded';
  readonly commit: string;
  readonly branch: string;
  readonly actor: Actor;
  readonly via: Via | null;
}

/**
 * Every method is safe to repeat, retries what passes by itself (a session that changes runs), and throws a refusal of the machine as
 * TackError with its code and details. No engine within its time-out: `engine_unavailable`. A session that ended: `session_closed`.
 * `key` is the POST's Idempotency-Key: with the command and its approval it is the id of the Update, so another command never gets its answer.
 */
export interface Engine {
  /** Delivers a message by Update-with-start: the workflow of a recorded session begins with its first message. */
  say(
    record: SessionRecord,
    delivery: 'queue' | 'steer',
    message: Payloads['prompt'],
  ): Promise<{ readonly turn_id: string }>;
  decideApproval(session_id: string, decision: Payloads['decide_approval'], key: string): Promise<RecordedDecision>;
  askAgain(session_id: string, request: Payloads['ask_again'], key: string): Promise<{ readonly approval_id: string }>;
  /** Resolves when it is in the log: no later call of the session passes by it. Throws `grant_not_found`, `session_closed`. */
  revokeGrant(session_id: string, request: Payloads['revoke_grant'], key: string): Promise<void>;
  /** A session whose workflow never began has nothing to stop: `{stopped: false}`. */
  interrupt(session_id: string, request: Payloads['interrupt'], key: string): Promise<{ readonly stopped: boolean }>;
  close(session_id: string, request: Payloads['close'], key: string): Promise<void>;
  /** Resolves when no running turn judges by the policy before any more. Starts the workflow of a session that nothing was said to. */
  setPolicy(record: SessionRecord, policy: Payloads['set_policy'], key: string): Promise<void>;
  /** Puts `work.applied` or `work.discarded` into the session's outbox; the same key is noted once. */
  noteWork(session_id: string, note: WorkNote, key: string): Promise<void>;
  /** Whether the engine answers now. Never throws. */
  isReady(): Promise<boolean>;
}
