/** What must be known before a log begins, and what outlives it: it stands in no log, so nothing builds it again. Types only. */
import type { IncludedFolder } from '../included-folder.ts';
import type { AgentConfig } from '../spec/agent.ts';

/** What was asked for when a session was created: kept before the workflow starts, so that a repeated POST finds it. */
export interface SessionRecord {
  readonly session_id: string;
  readonly agent: AgentConfig;
  readonly project_id: string | null;
  /** refs/tack/base/<session_id> in the project. */
  readonly base_ref: string | null;
  readonly base_commit: string | null;
  /** Ignored folders of the person's checkout that the worker copies, when it runs on the same machine and may read them. */
  readonly include: readonly IncludedFolder[];
  readonly title: string;
  readonly created_at: string;
  readonly created_by: string;
}

export interface Records {
  createSession(record: SessionRecord): Promise<void>;
  session(session_id: string): Promise<SessionRecord | null>;
  /**
   * Takes an Idempotency-Key for a request before anything is done: `ours` also when an earlier try took it and no answer of it is known.
   * Else the recorded answer, or that it belongs to another request (`mismatch`). What was taken before `forget_before` (RFC 3339) counts as forgotten.
   */
  claim(
    key: string,
    request_digest: string,
    forget_before: string,
  ): Promise<
    | { readonly kind: 'ours' }
    | { readonly kind: 'known'; readonly status: number; readonly body: unknown }
    | { readonly kind: 'mismatch' }
  >;
  /** Keeps the answer under its key; the first answer is the answer. */
  remember(
    key: string,
    request_digest: string,
    answer: { readonly status: number; readonly body: unknown },
  ): Promise<void>;
  /** Gives a key back that has no answer: nothing was done under it. */
  release(key: string, request_digest: string): Promise<void>;
  /** Forgets the keys that were taken before this time; how many there were. */
  forgetKeys(before: string): Promise<number>;
  /** Grants with scope `always` of a project. */
  grants(project_id: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Of every project. */
  allGrants(): Promise<readonly { readonly project_id: string; readonly grant: Readonly<Record<string, unknown>> }[]>;
  writeGrant(
    project_id: string,
    grant: Readonly<Record<string, unknown>> & { readonly grant_id: string },
  ): Promise<void>;
  revokeGrant(grant_id: string): Promise<boolean>;
  /** Whether it was kept once and taken back since. */
  isGrantRevoked(grant_id: string): Promise<boolean>;
}

export interface Archive {
  /** The native transcript of a harness, appended line by line under the lease's epoch; survives the home. */
  appendTranscript(session_id: string, epoch: number, offset: number, bytes: Uint8Array): Promise<void>;
  transcript(session_id: string): Promise<Uint8Array>;
  /** The small ResumeState of the harness (no secrets). */
  saveResume(session_id: string, epoch: number, state: unknown): Promise<void>;
  resume(session_id: string): Promise<unknown>;
}
