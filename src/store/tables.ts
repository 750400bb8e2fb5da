/** The tables as kysely sees them. JSON stands as text, so that every database keeps the same bytes. Types only. */
export interface Tables {
  event: {
    log_id: string;
    seq: number;
    type: string;
    turn_id: string | null;
    /** RFC 8785 JSON of the envelope without its hash: what was hashed. */
    body: string;
    hash: string;
  };
  head: { log_id: string; seq: number; hash: string };
  append_key: {
    log_id: string;
    append_key: string;
    digest: string;
    first_seq: number;
    head_seq: number;
    head_hash: string;
  };
  blob: { digest: string; content: Uint8Array };
  lease: {
    session_id: string;
    epoch: number;
    host: string;
    workflow_id: string;
    workflow_run_id: string;
    activity_id: string;
    holder: string;
    taken_at: string;
    released_at: string | null;
  };
  host: { host: string; queue: string; slots: number; draining_since: string | null; seen_at: string };
  slot: { session_id: string; host: string; taken_at: string };
  /** `state` is the machine's, so that the next event can be folded. */
  session_view: {
    session_id: string;
    project_id: string | null;
    status: string;
    created_at: string;
    session_row: string;
    state: string | null;
  };
  approval_view: {
    approval_id: string;
    session_id: string;
    status: string;
    requested_at: string;
    approval_row: string;
  };
  session_record: { session_id: string; record: string };
  idempotency: { idempotency_key: string; request_digest: string; status: number; body: string; created_at: string };
  /** A grant that was taken back stays, so that a late write of it does not bring it back. */
  lasting_grant: {
    grant_id: string;
    project_id: string;
    body: string;
    created_at: string;
    revoked_at: string | null;
  };
  transcript: { session_id: string; first_byte: number; end_byte: number; content: Uint8Array };
  resume_state: { session_id: string; body: string };
  migration: { version: number; name: string; digest: string; applied_at: string };
}
