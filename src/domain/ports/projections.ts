/** Tables built by folds over the logs: safe to drop and build again. Types only. */
import type { ApprovalStatus } from '../approval/words.ts';
import type { AgentConfig } from '../spec/agent.ts';

export interface SessionRow {
  readonly session_id: string;
  readonly title: string;
  readonly agent: string;
  readonly harness: string;
  readonly model: string | null;
  readonly status: string;
  readonly reason: string;
  readonly project_id: string | null;
  readonly branch: string | null;
  readonly head_seq: number;
  readonly turns: number;
  readonly pending_approvals: number;
  readonly queued: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly work_commit: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface ApprovalRow {
  readonly approval_id: string;
  readonly session_id: string;
  readonly turn_id: string;
  readonly kind: string;
  readonly status: ApprovalStatus;
  readonly digest: string;
  readonly title: string;
  /** The `approval` object of `approval.requested`, expanded. */
  readonly approval: Readonly<Record<string, unknown>>;
  readonly resolution: Readonly<Record<string, unknown>> | null;
  readonly requested_at: string;
  readonly expires_at: string;
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
}

export interface Projections {
  sessions(query: {
    readonly status?: string;
    readonly project_id?: string;
    readonly after?: string;
    readonly limit: number;
  }): Promise<Page<SessionRow>>;
  session(session_id: string): Promise<SessionRow | null>;
  approvals(query: {
    readonly status?: string;
    readonly session_id?: string;
    readonly after?: string;
    readonly limit: number;
  }): Promise<Page<ApprovalRow>>;
  approval(approval_id: string): Promise<ApprovalRow | null>;
}

/** One ignored folder, such as node_modules: where it is on `machine`, and where it goes in the worktree. */
export interface IncludedFolder {
  readonly machine: string;
  readonly source: string;
  readonly path: string;
  readonly bytes: number;
}

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
  /** Remembers the answer to an Idempotency-Key. `begin` says what is known: nothing (`fresh`), the recorded answer, or another request (`mismatch`). */
  idempotent(
    key: string,
    request_digest: string,
  ): Promise<
    | { readonly kind: 'fresh' }
    | { readonly kind: 'known'; readonly status: number; readonly body: unknown }
    | { readonly kind: 'mismatch' }
  >;
  remember(
    key: string,
    request_digest: string,
    answer: { readonly status: number; readonly body: unknown },
  ): Promise<void>;
  /** Grants with scope `always`, by project. */
  grants(project_id: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  writeGrant(
    project_id: string,
    grant: Readonly<Record<string, unknown>> & { readonly grant_id: string },
  ): Promise<void>;
  revokeGrant(grant_id: string): Promise<boolean>;
}

export interface Archive {
  /** The native transcript of a harness, appended line by line under the lease's epoch; survives the home. */
  appendTranscript(session_id: string, epoch: number, offset: number, bytes: Uint8Array): Promise<void>;
  transcript(session_id: string): Promise<Uint8Array>;
  /** The small ResumeState of the harness (no secrets). */
  saveResume(session_id: string, epoch: number, state: unknown): Promise<void>;
  resume(session_id: string): Promise<unknown>;
}
