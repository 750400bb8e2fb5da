/** The first tables. A migration that was released is never changed: the next one mends it. */
export const start = {
  version: 1,
  name: 'start',
  sql: `
create table event (
  log_id text not null, seq integer not null, type text not null, turn_id text, body text not null, hash text not null,
  primary key (log_id, seq)
);
create index event_by_type on event (log_id, type, seq);
create table head (log_id text primary key, seq integer not null, hash text not null) without rowid;
create table append_key (
  log_id text not null, append_key text not null, digest text not null,
  first_seq integer not null, head_seq integer not null, head_hash text not null,
  primary key (log_id, append_key)
) without rowid;
create table blob (digest text primary key, content blob not null);
create table lease (
  session_id text primary key, epoch integer not null, host text not null,
  workflow_id text not null, workflow_run_id text not null, activity_id text not null,
  holder text not null, taken_at text not null, released_at text
);
create index lease_held on lease (host) where released_at is null;
create table host (host text primary key, queue text not null, slots integer not null, draining_since text, seen_at text not null);
create table slot (session_id text primary key, host text not null, taken_at text not null);
create index slot_by_host on slot (host);
create table session_view (
  session_id text primary key, project_id text, status text not null, created_at text not null,
  session_row text not null, state text
);
create index session_view_by_time on session_view (created_at, session_id);
create index session_view_by_status on session_view (status, created_at, session_id);
create index session_view_by_project on session_view (project_id, created_at, session_id);
create table approval_view (
  approval_id text primary key, session_id text not null, status text not null, requested_at text not null,
  approval_row text not null
);
create index approval_view_by_time on approval_view (requested_at, approval_id);
create index approval_view_by_status on approval_view (status, requested_at, approval_id);
create index approval_view_by_session on approval_view (session_id, requested_at, approval_id);
create table session_record (session_id text primary key, record text not null);
create table idempotency (
  idempotency_key text primary key, request_digest text not null, status integer not null, body text not null,
  created_at text not null
);
create table lasting_grant (
  grant_id text primary key, project_id text not null, body text not null, created_at text not null, revoked_at text
);
create index lasting_grant_by_project on lasting_grant (project_id);
create table transcript (
  session_id text not null, first_byte integer not null, end_byte integer not null, content blob not null,
  primary key (session_id, first_byte)
);
create table resume_state (session_id text primary key, body text not null);
`,
} as const;
