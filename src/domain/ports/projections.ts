/** Tables built by folds over the logs: safe to drop and build again. Types only. */
import type { Grant } from '../approval/schema.ts';
import type { ApprovalStatus } from '../approval/words.ts';

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

/** A lasting grant, as the session that gave it holds it. */
export interface SessionGrant {
  readonly session_id: string;
  readonly project_id: string | null;
  readonly grant: Grant;
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
}

/** A page: what follows the row `after`, or what comes right before the row `before`, in this order. */
export interface Stretch {
  readonly after?: string;
  readonly before?: string;
  readonly order?: 'asc' | 'desc';
  readonly limit: number;
}

export interface Projections {
  /** Newest first, unless it is said. */
  sessions(
    query: Stretch & {
      readonly status?: string;
      readonly project_id?: string;
    },
  ): Promise<Page<SessionRow>>;
  session(session_id: string): Promise<SessionRow | null>;
  /** Longest wait first, unless it is said. */
  approvals(
    query: Stretch & {
      readonly status?: string;
      readonly session_id?: string;
    },
  ): Promise<Page<ApprovalRow>>;
  approval(approval_id: string): Promise<ApprovalRow | null>;
  /** Held by sessions that are open: by this one, or by any. */
  grants(session_id: string | null): Promise<readonly SessionGrant[]>;
}
