-- Definitions, the engine's journal and what is projected from it.
-- Roles: workflow_app serves requests of one tenant; workflow_system is the engine's and works across
-- tenants on exactly the tables that have a policy for it below.

CREATE TABLE workflow (
  id              text PRIMARY KEY,
  tenant_id       text NOT NULL,
  name            text NOT NULL,
  title           text NOT NULL,
  summary         text,
  latest_version  integer NOT NULL,
  conversation_id text,
  draft_id        text,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  UNIQUE (tenant_id, draft_id)
);

CREATE TABLE workflow_version (
  tenant_id      text NOT NULL,
  workflow_id    text NOT NULL REFERENCES workflow (id),
  version        integer NOT NULL,
  source         text NOT NULL,
  timezone       text NOT NULL,
  ir_hash        text NOT NULL,
  input_schema   json,
  side_effects   jsonb NOT NULL,
  trigger        text NOT NULL,
  draft_id       text,
  revision_hash  text NOT NULL,
  approved_by    text NOT NULL,
  created_at     timestamptz NOT NULL,
  PRIMARY KEY (workflow_id, version),
  UNIQUE (workflow_id, revision_hash)
);

CREATE TABLE workflow_tag (
  tenant_id   text NOT NULL,
  workflow_id text NOT NULL REFERENCES workflow (id),
  tag         text NOT NULL,
  version     integer NOT NULL,
  PRIMARY KEY (workflow_id, tag),
  FOREIGN KEY (workflow_id, version) REFERENCES workflow_version (workflow_id, version)
);

-- What a run is pinned to: compiled definitions by hash, never changed.
CREATE TABLE compiled_definition (
  tenant_id text NOT NULL,
  ir_hash   text NOT NULL,
  ir        bytea NOT NULL,
  PRIMARY KEY (tenant_id, ir_hash)
);

-- The schedule of the live version of a workflow; a firing starts the run with the key
-- (schedule, nominal time), so firing twice starts one run.
CREATE TABLE schedule (
  workflow_id text PRIMARY KEY REFERENCES workflow (id),
  tenant_id   text NOT NULL,
  version     integer NOT NULL,
  spec        jsonb NOT NULL,
  timezone    text NOT NULL,
  next_at     timestamptz NOT NULL
);
CREATE INDEX schedule_next ON schedule (next_at, workflow_id);

-- One row per partition. `epoch` is the fence: every flush locks the rows that it owns with the epoch
-- that it took them over with, and writes only through them.
CREATE TABLE partition (
  id    integer PRIMARY KEY,
  epoch bigint NOT NULL DEFAULT 0,
  -- Which process took it over last.
  owner text
);
INSERT INTO partition (id) SELECT generate_series(0, 31);

-- One row per turn of a run. `entries` is a codec byte and the JSON of the turn's entries.
CREATE TABLE journal (
  partition integer NOT NULL,
  seq       bigint NOT NULL,
  tenant_id text NOT NULL,
  run_id    text NOT NULL,
  position  integer NOT NULL,
  notable   boolean NOT NULL,
  entries   bytea NOT NULL,
  PRIMARY KEY (partition, seq)
);
ALTER TABLE journal ALTER COLUMN entries SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX journal_run ON journal (run_id, position);
CREATE INDEX journal_notable ON journal (partition, seq) WHERE notable;

-- How far the relay has published the notable turns of a partition.
CREATE TABLE relay_cursor (
  partition integer PRIMARY KEY REFERENCES partition (id),
  seq       bigint NOT NULL DEFAULT 0
);
INSERT INTO relay_cursor (partition) SELECT generate_series(0, 31);

-- The current state of each run, for lists and pages. Written in the flush of the turn.
CREATE TABLE run (
  id            text PRIMARY KEY,
  tenant_id     text NOT NULL,
  partition     integer NOT NULL,
  workflow_id   text NOT NULL,
  workflow_name text NOT NULL,
  version       integer NOT NULL,
  ir_hash       text NOT NULL,
  status        text NOT NULL,
  started_by    text NOT NULL,
  rerun_of      text,
  input         bytea NOT NULL,
  output        bytea,
  error         jsonb,
  failed_step   text,
  waiting_for   jsonb NOT NULL,
  position      integer NOT NULL,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  ended_at      timestamptz
);
CREATE INDEX run_list ON run (tenant_id, id DESC);
CREATE INDEX run_by_workflow ON run (tenant_id, workflow_id, id DESC);
CREATE INDEX run_live ON run (partition) WHERE status IN ('pending', 'running', 'waiting');

-- An accepted start: lives as long as its run.
CREATE TABLE start_key (
  tenant_id   text NOT NULL,
  key         text NOT NULL,
  fingerprint text NOT NULL,
  run_id      text NOT NULL,
  PRIMARY KEY (tenant_id, key)
);

CREATE TABLE timer (
  run_id     text NOT NULL,
  occurrence text NOT NULL,
  generation integer NOT NULL,
  tenant_id  text NOT NULL,
  partition  integer NOT NULL,
  due_at     timestamptz NOT NULL,
  PRIMARY KEY (run_id, occurrence, generation)
);
CREATE INDEX timer_due ON timer (due_at);

CREATE TABLE approval (
  id            text PRIMARY KEY,
  tenant_id     text NOT NULL,
  run_id        text NOT NULL,
  workflow_id   text NOT NULL,
  workflow_name text NOT NULL,
  occurrence    text NOT NULL,
  title         text NOT NULL,
  message       text,
  assignee      jsonb NOT NULL,
  data          json,
  form          json,
  status        text NOT NULL,
  requested_at  timestamptz NOT NULL,
  due_at        timestamptz,
  decided_by    text,
  decided_at    timestamptz,
  reason        text
);
CREATE INDEX approval_list ON approval (tenant_id, requested_at DESC, id DESC);
CREATE INDEX approval_pending ON approval (tenant_id) WHERE status = 'pending';
CREATE INDEX approval_run ON approval (run_id);

SELECT tenant_table('workflow', system => true);
SELECT tenant_table('workflow_version', system => true);
SELECT tenant_table('workflow_tag', system => true);
SELECT tenant_table('compiled_definition', system => true);
SELECT tenant_table('schedule', system => true);
SELECT tenant_table('journal', system => true);
SELECT tenant_table('run', system => true);
SELECT tenant_table('start_key', system => true);
SELECT tenant_table('timer', system => true);
SELECT tenant_table('approval', system => true);
SELECT system_table('partition');
SELECT system_table('relay_cursor');

-- Requests read what the engine writes and never write it; the journal is only ever added to.
REVOKE INSERT, UPDATE, DELETE ON journal, run, start_key, timer, approval FROM workflow_app;
REVOKE UPDATE, DELETE ON journal FROM workflow_system;
REVOKE UPDATE, DELETE ON workflow_version, compiled_definition FROM workflow_app;
REVOKE INSERT, UPDATE, DELETE ON workflow, workflow_version, workflow_tag, compiled_definition
  FROM workflow_system;
