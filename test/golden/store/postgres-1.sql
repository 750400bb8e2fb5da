CREATE SCHEMA tackroom;
CREATE TABLE tackroom.append_key (
    log_id text NOT NULL COLLATE pg_catalog."C",
    append_key text NOT NULL COLLATE pg_catalog."C",
    digest text NOT NULL COLLATE pg_catalog."C",
    first_seq bigint NOT NULL,
    head_seq bigint NOT NULL,
    head_hash text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE tackroom.approval_view (
    approval_id text NOT NULL COLLATE pg_catalog."C",
    session_id text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    requested_at text NOT NULL COLLATE pg_catalog."C",
    approval_row text NOT NULL
);
CREATE TABLE tackroom.blob (
    digest text NOT NULL COLLATE pg_catalog."C",
    content bytea NOT NULL
);
CREATE TABLE tackroom.event (
    log_id text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    turn_id text COLLATE pg_catalog."C",
    body text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE tackroom.head (
    log_id text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL,
    hash text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE tackroom.host (
    host text NOT NULL COLLATE pg_catalog."C",
    queue text NOT NULL COLLATE pg_catalog."C",
    slots bigint NOT NULL,
    draining_since text COLLATE pg_catalog."C",
    seen_at text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE tackroom.idempotency (
    idempotency_key text NOT NULL COLLATE pg_catalog."C",
    request_digest text NOT NULL COLLATE pg_catalog."C",
    status bigint NOT NULL,
    body text NOT NULL,
    created_at text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE tackroom.lasting_grant (
    grant_id text NOT NULL COLLATE pg_catalog."C",
    project_id text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL,
    created_at text NOT NULL COLLATE pg_catalog."C",
    revoked_at text COLLATE pg_catalog."C"
);
CREATE TABLE tackroom.lease (
    session_id text NOT NULL COLLATE pg_catalog."C",
    epoch bigint NOT NULL,
    host text NOT NULL COLLATE pg_catalog."C",
    workflow_id text NOT NULL COLLATE pg_catalog."C",
    workflow_run_id text NOT NULL COLLATE pg_catalog."C",
    activity_id text NOT NULL COLLATE pg_catalog."C",
    holder text NOT NULL COLLATE pg_catalog."C",
    taken_at text NOT NULL COLLATE pg_catalog."C",
    released_at text COLLATE pg_catalog."C"
);
CREATE TABLE tackroom.migration (
    version bigint NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,
    applied_at text NOT NULL
);
CREATE TABLE tackroom.resume_state (
    session_id text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL
);
CREATE TABLE tackroom.session_record (
    session_id text NOT NULL COLLATE pg_catalog."C",
    record text NOT NULL
);
CREATE TABLE tackroom.session_view (
    session_id text NOT NULL COLLATE pg_catalog."C",
    project_id text COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    created_at text NOT NULL COLLATE pg_catalog."C",
    session_row text NOT NULL,
    state text
);
CREATE TABLE tackroom.slot (
    session_id text NOT NULL COLLATE pg_catalog."C",
    host text NOT NULL COLLATE pg_catalog."C",
    taken_at text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE tackroom.store (
    store_id text NOT NULL
);
CREATE TABLE tackroom.transcript (
    session_id text NOT NULL COLLATE pg_catalog."C",
    first_byte bigint NOT NULL,
    end_byte bigint NOT NULL,
    content bytea NOT NULL
);
INSERT INTO tackroom.append_key VALUES ('ses_00000000000000000000000001', 'key 1', 'b821c539a433696a6083d6becdcf4eb2b124ed4a6a069de8cac4755bf35f4411', 1, 1, '4b8ab71e7ae9c51b434d690f920b9c7d8b0eb80a7a4ba06416692dcf8d0204d9');
INSERT INTO tackroom.append_key VALUES ('ses_00000000000000000000000001', 'key 2', '2679742d6171b86fe921cb3b4f15a60b69d50e96b7809a1a69301d86fd5e1ae2', 2, 2, 'ade89b5f2edd96b83f842b84c7475a9d2b4f241ff519f123e7d266cd91a11ae7');
INSERT INTO tackroom.append_key VALUES ('ses_00000000000000000000000001', 'key 3', 'ebc0f205e83b293fd954996d6e9f98b8778b5b766fdce1db255f8daad0420307', 3, 3, '9f47936bffcbfaf7eb2581b3c375f0842b2c7788b4bff131104b7cfcc24beea6');
INSERT INTO tackroom.blob VALUES ('47273fa2b04d4be6ddc299fb1b29a18bf558fb875b47d374e7bd94ac213669ae', '\x6e756d6265722031');
INSERT INTO tackroom.blob VALUES ('0b1a5d7ea7669dd779d05466f595f669c61936d8871880dfa6a42b8384c6a7ca', '\x6e756d6265722032');
INSERT INTO tackroom.blob VALUES ('04d8e0a8a866ef08d574e80917685a676d60b9ddc8e91316f5f8d91fece9374a', '\x6e756d6265722033');
INSERT INTO tackroom.event VALUES ('ses_00000000000000000000000001', 1, 'agent.message', 'trn_1', '{"actor":{"id":"tackroom","type":"system"},"created_at":"2026-11-25T03:00:00.000Z","data":{"text":{"$blob":"47273fa2b04d4be6ddc299fb1b29a18bf558fb875b47d374e7bd94ac213669ae","bytes":8}},"id":"evt_06h119akg3at3n8e9dp4zp5g14","parent_session_id":null,"prev_hash":"b0c9c8151f0e156f16a8eead5779eb0ef92a9ce4ba8b2bd732433be8ccb34236","run_id":null,"seq":1,"session_id":"ses_00000000000000000000000001","traceparent":null,"turn_id":"trn_1","type":"agent.message","via":null}', '4b8ab71e7ae9c51b434d690f920b9c7d8b0eb80a7a4ba06416692dcf8d0204d9');
INSERT INTO tackroom.event VALUES ('ses_00000000000000000000000001', 2, 'agent.message', 'trn_1', '{"actor":{"id":"tackroom","type":"system"},"created_at":"2026-11-25T03:00:00.000Z","data":{"text":{"$blob":"0b1a5d7ea7669dd779d05466f595f669c61936d8871880dfa6a42b8384c6a7ca","bytes":8}},"id":"evt_06h119akg02xyw5q6xnkv36k4c","parent_session_id":null,"prev_hash":"4b8ab71e7ae9c51b434d690f920b9c7d8b0eb80a7a4ba06416692dcf8d0204d9","run_id":null,"seq":2,"session_id":"ses_00000000000000000000000001","traceparent":null,"turn_id":"trn_1","type":"agent.message","via":null}', 'ade89b5f2edd96b83f842b84c7475a9d2b4f241ff519f123e7d266cd91a11ae7');
INSERT INTO tackroom.event VALUES ('ses_00000000000000000000000001', 3, 'agent.message', 'trn_1', '{"actor":{"id":"tackroom","type":"system"},"created_at":"2026-11-25T03:00:00.000Z","data":{"text":{"$blob":"04d8e0a8a866ef08d574e80917685a676d60b9ddc8e91316f5f8d91fece9374a","bytes":8}},"id":"evt_06h119akg34ggccpmqj9hvdtjw","parent_session_id":null,"prev_hash":"ade89b5f2edd96b83f842b84c7475a9d2b4f241ff519f123e7d266cd91a11ae7","run_id":null,"seq":3,"session_id":"ses_00000000000000000000000001","traceparent":null,"turn_id":"trn_1","type":"agent.message","via":null}', '9f47936bffcbfaf7eb2581b3c375f0842b2c7788b4bff131104b7cfcc24beea6');
INSERT INTO tackroom.head VALUES ('ses_00000000000000000000000001', 3, '9f47936bffcbfaf7eb2581b3c375f0842b2c7788b4bff131104b7cfcc24beea6');
INSERT INTO tackroom.host VALUES ('host-1', 'q', 4, NULL, '2026-11-25T03:00:00.000Z');
INSERT INTO tackroom.lease VALUES ('ses_00000000000000000000000001', 1, 'host-1', 'session/ses_00000000000000000000000001', 'run-1', 'activity-1', '17.4711', '2026-11-25T03:00:00.000Z', NULL);
INSERT INTO tackroom.migration VALUES (1, 'start', '2c2a7606dcf912d9c68a9385863ac875c2e01099bc7fbe3d884aeee717b48772', '2026-11-25T03:00:00.000Z');
INSERT INTO tackroom.session_view VALUES ('ses_00000000000000000000000001', NULL, 'starting', '2026-11-25T03:00:00.000Z', '{"session_id":"ses_00000000000000000000000001","title":"","agent":"","harness":"","model":null,"status":"starting","reason":"new","project_id":null,"branch":null,"head_seq":3,"turns":0,"pending_approvals":0,"queued":0,"input_tokens":0,"output_tokens":0,"work_commit":null,"created_at":"2026-11-25T03:00:00.000Z","updated_at":"2026-11-25T03:00:00.000Z"}', NULL);
INSERT INTO tackroom.store VALUES ('4ca03933-197d-4818-8202-6c257cc1222e');
ALTER TABLE ONLY tackroom.append_key
    ADD CONSTRAINT append_key_pkey PRIMARY KEY (log_id, append_key);
ALTER TABLE ONLY tackroom.approval_view
    ADD CONSTRAINT approval_view_pkey PRIMARY KEY (approval_id);
ALTER TABLE ONLY tackroom.blob
    ADD CONSTRAINT blob_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY tackroom.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (log_id, seq);
ALTER TABLE ONLY tackroom.head
    ADD CONSTRAINT head_pkey PRIMARY KEY (log_id);
ALTER TABLE ONLY tackroom.host
    ADD CONSTRAINT host_pkey PRIMARY KEY (host);
ALTER TABLE ONLY tackroom.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (idempotency_key);
ALTER TABLE ONLY tackroom.lasting_grant
    ADD CONSTRAINT lasting_grant_pkey PRIMARY KEY (grant_id);
ALTER TABLE ONLY tackroom.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (session_id);
ALTER TABLE ONLY tackroom.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (version);
ALTER TABLE ONLY tackroom.resume_state
    ADD CONSTRAINT resume_state_pkey PRIMARY KEY (session_id);
ALTER TABLE ONLY tackroom.session_record
    ADD CONSTRAINT session_record_pkey PRIMARY KEY (session_id);
ALTER TABLE ONLY tackroom.session_view
    ADD CONSTRAINT session_view_pkey PRIMARY KEY (session_id);
ALTER TABLE ONLY tackroom.slot
    ADD CONSTRAINT slot_pkey PRIMARY KEY (session_id);
ALTER TABLE ONLY tackroom.store
    ADD CONSTRAINT store_pkey PRIMARY KEY (store_id);
ALTER TABLE ONLY tackroom.transcript
    ADD CONSTRAINT transcript_pkey PRIMARY KEY (session_id, first_byte);
CREATE INDEX approval_view_by_session ON tackroom.approval_view USING btree (session_id, requested_at, approval_id);
CREATE INDEX approval_view_by_status ON tackroom.approval_view USING btree (status, requested_at, approval_id);
CREATE INDEX approval_view_by_time ON tackroom.approval_view USING btree (requested_at, approval_id);
CREATE INDEX event_by_type ON tackroom.event USING btree (log_id, type, seq);
CREATE INDEX lasting_grant_by_project ON tackroom.lasting_grant USING btree (project_id);
CREATE INDEX lease_held ON tackroom.lease USING btree (host) WHERE (released_at IS NULL);
CREATE INDEX session_view_by_project ON tackroom.session_view USING btree (project_id, created_at, session_id);
CREATE INDEX session_view_by_status ON tackroom.session_view USING btree (status, created_at, session_id);
CREATE INDEX session_view_by_time ON tackroom.session_view USING btree (created_at, session_id);
CREATE INDEX slot_by_host ON tackroom.slot USING btree (host);
