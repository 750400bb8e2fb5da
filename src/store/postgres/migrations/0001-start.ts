/** The first tables. A migration that was released is never changed: the next one mends it. Text is compared by its bytes, as in SQLite. */
export const start = {
  version: 1,
  name: 'start',
  sql: `
create table store (store_id text primary key);
insert into store (store_id) values (gen_random_uuid()::text);
create table event (
  log_id text collate "C" not null, seq bigint not null, type text collate "C" not null, turn_id text collate "C",
  body text collate "C" not null, hash text collate "C" not null,
  primary key (log_id, seq)
);
create index event_by_type on event (log_id, type, seq);
create table head (log_id text collate "C" primary key, seq bigint not null, hash text collate "C" not null);
create table append_key (
  log_id text collate "C" not null, append_key text collate "C" not null, digest text collate "C" not null,
  first_seq bigint not null, head_seq bigint not null, head_hash text collate "C" not null,
  primary key (log_id, append_key)
);
create table blob (digest text collate "C" primary key, content bytea not null);
create table lease (
  session_id text collate "C" primary key, epoch bigint not null, host text collate "C" not null,
  workflow_id text collate "C" not null, workflow_run_id text collate "C" not null, activity_id text collate "C" not null,
  holder text collate "C" not null, taken_at text collate "C" not null, released_at text collate "C"
);
create index lease_held on lease (host) where released_at is null;
create table host (
  host text collate "C" primary key, queue text collate "C" not null, slots bigint not null,
  draining_since text collate "C", seen_at text collate "C" not null
);
create table slot (session_id text collate "C" primary key, host text collate "C" not null, taken_at text collate "C" not null);
create index slot_by_host on slot (host);
create table session_view (
  session_id text collate "C" primary key, project_id text collate "C", status text collate "C" not null,
  created_at text collate "C" not null, session_row text not null, state text
);
create index session_view_by_time on session_view (created_at, session_id);
create index session_view_by_status on session_view (status, created_at, session_id);
create index session_view_by_project on session_view (project_id, created_at, session_id);
create table approval_view (
  approval_id text collate "C" primary key, session_id text collate "C" not null, status text collate "C" not null,
  requested_at text collate "C" not null, approval_row text not null
);
create index approval_view_by_time on approval_view (requested_at, approval_id);
create index approval_view_by_status on approval_view (status, requested_at, approval_id);
create index approval_view_by_session on approval_view (session_id, requested_at, approval_id);
create table session_record (session_id text collate "C" primary key, record text not null);
create table idempotency (
  idempotency_key text collate "C" primary key, request_digest text collate "C" not null, status bigint not null,
  body text not null, created_at text collate "C" not null
);
create table lasting_grant (
  grant_id text collate "C" primary key, project_id text collate "C" not null, body text not null,
  created_at text collate "C" not null, revoked_at text collate "C"
);
create index lasting_grant_by_project on lasting_grant (project_id);
create table transcript (
  session_id text collate "C" not null, first_byte bigint not null, end_byte bigint not null, content bytea not null,
  primary key (session_id, first_byte)
);
create table resume_state (session_id text collate "C" primary key, body text not null);
`,
} as const;
