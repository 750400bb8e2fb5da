/** The state of a session's machine: ids, blobs and digests, under 64 KB. Types only: workflow code imports them. */
import type { Actor, Via } from '../actor.ts';
import type { DecisionWord, Grant, GrantPattern } from '../approval/schema.ts';
import type { ApprovalKind, ApprovalStatus, GrantScope, OnExpiry } from '../approval/words.ts';
import type { BlobRef } from '../content.ts';
import type { ResumeAfter } from '../turn.ts';

/** The figures that a session lives by; copied into the state so that a test, or an operator, may give others. */
export interface SessionLimits {
  readonly grace_s: number;
  readonly late_s: number;
  readonly reprieve_s: number;
  readonly queue_max: number;
  readonly client_ids_max: number;
  readonly resolved_approvals_max: number;
  readonly session_grants_max: number;
}

export interface Message {
  readonly client_id: string;
  readonly turn_id: string;
  readonly content: BlobRef;
  readonly actor: Actor;
  readonly via: Via | null;
}

export type TurnPhase = 'starting' | 'running' | 'held' | 'suspended' | 'expired';

export interface TurnState {
  readonly turn_id: string;
  readonly phase: TurnPhase;
  /** The attempt that runs or comes next, from 1. */
  readonly attempt: number;
  readonly after: ResumeAfter | null;
  readonly message: Message;
  /** As of the turn's start: another agent counts from the next turn. */
  readonly agent: BlobRef;
  readonly steers: boolean;
  /** Set when a person stopped the turn: it ends `cancelled` when its attempt has ended. */
  readonly stopping?: { readonly actor: Actor; readonly via: Via | null };
  /** The last ones, oldest first. */
  readonly lost_hosts: readonly string[];
  /** The approvals that the turn suspended on: kept until it runs again, however many they are. */
  readonly awaiting: readonly string[];
}

export interface Approval {
  readonly approval_id: string;
  readonly turn_id: string;
  readonly kind: ApprovalKind;
  readonly digest: string;
  /** The action, kept as a blob. */
  readonly action: BlobRef;
  /** What people are shown; kept, so that it can be asked again. */
  readonly card: BlobRef;
  readonly rules: readonly string[];
  readonly grantable: GrantScope;
  readonly approvers: readonly string[] | null;
  readonly on_expiry: OnExpiry;
  readonly expires_at: string;
  readonly requested_at: string;
  readonly status: ApprovalStatus;
  /** Set once: the first answer wins. */
  readonly decision?: DecisionWord;
  readonly pattern?: GrantPattern;
  readonly message?: BlobRef;
  readonly input?: BlobRef;
  readonly actor?: Actor;
  readonly via?: Via | null;
  readonly resolved_at?: string;
  readonly grant_id?: string;
  readonly replaced_by?: string;
}

export interface SessionState {
  readonly session_id: string;
  readonly phase: 'open' | 'closed';
  readonly close_reason: string | null;
  readonly limits: SessionLimits;
  readonly agent: BlobRef;
  readonly policy_version: string;
  /** Whether the harness takes a message into a running turn. */
  readonly steers: boolean;
  readonly host: string | null;
  readonly turn?: TurnState;
  readonly queue: readonly Message[];
  /** client_id → turn_id, oldest first. */
  readonly client_ids: readonly (readonly [string, string])[];
  /** This turn's approvals and the last resolved ones, oldest first. */
  readonly approvals: Readonly<Record<string, Approval>>;
  readonly grants: readonly Grant[];
  readonly last_end: { readonly turn_id: string; readonly end: 'completed' | 'failed' | 'cancelled' } | null;
}
