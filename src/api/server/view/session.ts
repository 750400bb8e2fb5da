/** A session as every surface shows it: what may be done with it is decided here, once. */
import type { Session } from '../../contract/session.ts';
import type { SessionRow } from '../../../domain/ports/projections.ts';
import type { SessionRecord } from '../../../domain/ports/records.ts';
import type { Stuck } from '../../../domain/session/stuck.ts';

/** `row` is null while the log is empty: accepted, and nothing has begun. */
export function sessionView(record: SessionRecord, row: SessionRow | null, stuck: Stuck | null = null): Session {
  const status = row?.status ?? 'starting';
  const { agent } = record;
  return {
    object: 'session',
    id: record.session_id,
    title: row?.title || record.title,
    status,
    reason: row?.reason ?? 'new',
    agent: row?.agent ?? agent.name,
    harness: row?.harness ?? agent.harness,
    model: row?.model ?? agent.model ?? null,
    sandbox: agent.sandbox,
    project_id: record.project_id,
    base_ref: record.base_ref,
    base_commit: record.base_commit,
    branch: row?.branch ?? null,
    work_commit: row?.work_commit ?? null,
    head_seq: row?.head_seq ?? 0,
    turns: row?.turns ?? 0,
    queued: row?.queued ?? 0,
    stuck,
    pending_approvals: row?.pending_approvals ?? 0,
    input_tokens: row?.input_tokens ?? 0,
    output_tokens: row?.output_tokens ?? 0,
    can_prompt: status !== 'closed',
    can_interrupt: row !== null && BUSY.has(status),
    can_close: status !== 'closed',
    created_at: record.created_at,
    updated_at: row?.updated_at ?? record.created_at,
  };
}

/** A turn is open in these. */
const BUSY: ReadonlySet<string> = new Set(['starting', 'running', 'requires_action', 'paused']);
