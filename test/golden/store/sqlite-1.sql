PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE migration (
      version integer primary key, name text not null, digest text not null, applied_at text not null);
INSERT INTO migration VALUES(1,'start','1b6906a2e91efa16ec586162b9ff849d02d860a6a0246fded5dada7a52fb3d79','2026-11-25T03:00:00.000Z');
CREATE TABLE event (
  log_id text not null, seq integer not null, type text not null, turn_id text, body text not null, hash text not null,
  primary key (log_id, seq)
);
INSERT INTO event VALUES('ses_00000000000000000000000001',1,'agent.message','trn_1','{"actor":{"id":"tackroom","type":"system"},"created_at":"2026-11-25T03:00:00.000Z","data":{"text":{"$blob":"47273fa2b04d4be6ddc299fb1b29a18bf558fb875b47d374e7bd94ac213669ae","bytes":8}},"id":"evt_06h119akg1cega1v5cjxcy6tv8","parent_session_id":null,"prev_hash":"b0c9c8151f0e156f16a8eead5779eb0ef92a9ce4ba8b2bd732433be8ccb34236","run_id":null,"seq":1,"session_id":"ses_00000000000000000000000001","traceparent":null,"turn_id":"trn_1","type":"agent.message","via":null}','f7a9074c0e02865bd244b97d7481b6adc9bd5603e29818dcbafc8ab4364dcf4a');
INSERT INTO event VALUES('ses_00000000000000000000000001',2,'agent.message','trn_1','{"actor":{"id":"tackroom","type":"system"},"created_at":"2026-11-25T03:00:00.000Z","data":{"text":{"$blob":"0b1a5d7ea7669dd779d05466f595f669c61936d8871880dfa6a42b8384c6a7ca","bytes":8}},"id":"evt_06h119akg39ea01yq0dgymwx3w","parent_session_id":null,"prev_hash":"f7a9074c0e02865bd244b97d7481b6adc9bd5603e29818dcbafc8ab4364dcf4a","run_id":null,"seq":2,"session_id":"ses_00000000000000000000000001","traceparent":null,"turn_id":"trn_1","type":"agent.message","via":null}','7069163e0c5701642bae5c53193b65a685a97d1f318a75ffc36254d34e301726');
INSERT INTO event VALUES('ses_00000000000000000000000001',3,'agent.message','trn_1','{"actor":{"id":"tackroom","type":"system"},"created_at":"2026-11-25T03:00:00.000Z","data":{"text":{"$blob":"04d8e0a8a866ef08d574e80917685a676d60b9ddc8e91316f5f8d91fece9374a","bytes":8}},"id":"evt_06h119akg3vs23gbr2p27gz6z8","parent_session_id":null,"prev_hash":"7069163e0c5701642bae5c53193b65a685a97d1f318a75ffc36254d34e301726","run_id":null,"seq":3,"session_id":"ses_00000000000000000000000001","traceparent":null,"turn_id":"trn_1","type":"agent.message","via":null}','7d0e231688e8b6ae2eb62c385f1a5b50a2421e7b7978e55fba5646b125fa3560');
CREATE TABLE head (log_id text primary key, seq integer not null, hash text not null) without rowid;
INSERT INTO head VALUES('ses_00000000000000000000000001',3,'7d0e231688e8b6ae2eb62c385f1a5b50a2421e7b7978e55fba5646b125fa3560');
CREATE TABLE append_key (
  log_id text not null, append_key text not null, digest text not null,
  first_seq integer not null, head_seq integer not null, head_hash text not null,
  primary key (log_id, append_key)
) without rowid;
INSERT INTO append_key VALUES('ses_00000000000000000000000001','key 1','b821c539a433696a6083d6becdcf4eb2b124ed4a6a069de8cac4755bf35f4411',1,1,'f7a9074c0e02865bd244b97d7481b6adc9bd5603e29818dcbafc8ab4364dcf4a');
INSERT INTO append_key VALUES('ses_00000000000000000000000001','key 2','2679742d6171b86fe921cb3b4f15a60b69d50e96b7809a1a69301d86fd5e1ae2',2,2,'7069163e0c5701642bae5c53193b65a685a97d1f318a75ffc36254d34e301726');
INSERT INTO append_key VALUES('ses_00000000000000000000000001','key 3','ebc0f205e83b293fd954996d6e9f98b8778b5b766fdce1db255f8daad0420307',3,3,'7d0e231688e8b6ae2eb62c385f1a5b50a2421e7b7978e55fba5646b125fa3560');
CREATE TABLE blob (digest text primary key, content blob not null);
INSERT INTO blob VALUES('47273fa2b04d4be6ddc299fb1b29a18bf558fb875b47d374e7bd94ac213669ae',X'6e756d6265722031');
INSERT INTO blob VALUES('0b1a5d7ea7669dd779d05466f595f669c61936d8871880dfa6a42b8384c6a7ca',X'6e756d6265722032');
INSERT INTO blob VALUES('04d8e0a8a866ef08d574e80917685a676d60b9ddc8e91316f5f8d91fece9374a',X'6e756d6265722033');
CREATE TABLE lease (
  session_id text primary key, epoch integer not null, host text not null,
  workflow_id text not null, workflow_run_id text not null, activity_id text not null,
  holder text not null, taken_at text not null, released_at text
);
INSERT INTO lease VALUES('ses_00000000000000000000000001',1,'host-1','session/ses_00000000000000000000000001','run-1','activity-1','17.4711','2026-11-25T03:00:00.000Z',NULL);
CREATE TABLE host (host text primary key, queue text not null, slots integer not null, draining_since text, seen_at text not null);
INSERT INTO host VALUES('host-1','q',4,NULL,'2026-11-25T03:00:00.000Z');
CREATE TABLE slot (session_id text primary key, host text not null, taken_at text not null);
CREATE TABLE session_view (
  session_id text primary key, project_id text, status text not null, created_at text not null,
  session_row text not null, state text
);
INSERT INTO session_view VALUES('ses_00000000000000000000000001',NULL,'starting','2026-11-25T03:00:00.000Z','{"session_id":"ses_00000000000000000000000001","title":"","agent":"","harness":"","model":null,"status":"starting","reason":"new","project_id":null,"branch":null,"head_seq":3,"turns":0,"pending_approvals":0,"queued":0,"input_tokens":0,"output_tokens":0,"work_commit":null,"created_at":"2026-11-25T03:00:00.000Z","updated_at":"2026-11-25T03:00:00.000Z"}',NULL);
CREATE TABLE approval_view (
  approval_id text primary key, session_id text not null, status text not null, requested_at text not null,
  approval_row text not null
);
CREATE TABLE session_record (session_id text primary key, record text not null);
CREATE TABLE idempotency (
  idempotency_key text primary key, request_digest text not null, status integer not null, body text not null,
  created_at text not null
);
CREATE TABLE lasting_grant (
  grant_id text primary key, project_id text not null, body text not null, created_at text not null, revoked_at text
);
CREATE TABLE transcript (
  session_id text not null, first_byte integer not null, end_byte integer not null, content blob not null,
  primary key (session_id, first_byte)
);
CREATE TABLE resume_state (session_id text primary key, body text not null);
CREATE INDEX event_by_type on event (log_id, type, seq);
CREATE INDEX lease_held on lease (host) where released_at is null;
CREATE INDEX slot_by_host on slot (host);
CREATE INDEX session_view_by_time on session_view (created_at, session_id);
CREATE INDEX session_view_by_status on session_view (status, created_at, session_id);
CREATE INDEX session_view_by_project on session_view (project_id, created_at, session_id);
CREATE INDEX approval_view_by_time on approval_view (requested_at, approval_id);
CREATE INDEX approval_view_by_status on approval_view (status, requested_at, approval_id);
CREATE INDEX approval_view_by_session on approval_view (session_id, requested_at, approval_id);
CREATE INDEX lasting_grant_by_project on lasting_grant (project_id);
COMMIT;
