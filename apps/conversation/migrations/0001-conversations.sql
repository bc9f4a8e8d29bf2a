CREATE TABLE conversation (
  id text PRIMARY KEY,
  tenant_id text NOT NULL,
  title text NOT NULL,
  workflow_id text,
  created_by_id text NOT NULL,
  created_by_name text NOT NULL,
  idempotency_key text,
  fingerprint text,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  UNIQUE (tenant_id, idempotency_key)
);
CREATE INDEX conversation_list ON conversation (tenant_id, id DESC);
SELECT tenant_table('conversation');

CREATE TABLE message (
  id text PRIMARY KEY,
  tenant_id text NOT NULL,
  conversation_id text NOT NULL REFERENCES conversation (id),
  role text NOT NULL CHECK (role IN ('user', 'assistant')),
  author_id text NOT NULL,
  author_name text NOT NULL,
  text text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  turn_id text,
  draft_revision integer,
  suggestions jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL,
  edited_at timestamptz(3)
);
CREATE INDEX message_conversation ON message (conversation_id, id);
SELECT tenant_table('message');

-- Earlier texts of edited messages, and the current one.
CREATE TABLE message_version (
  message_id text NOT NULL REFERENCES message (id),
  version integer NOT NULL,
  tenant_id text NOT NULL,
  text text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (message_id, version)
);
SELECT tenant_table('message_version');
REVOKE UPDATE, DELETE ON message_version FROM conversation_app;

CREATE TABLE turn (
  id text PRIMARY KEY,
  tenant_id text NOT NULL,
  conversation_id text NOT NULL REFERENCES conversation (id),
  status text NOT NULL CHECK (status IN ('running', 'completed', 'failed')),
  user_message_id text NOT NULL REFERENCES message (id),
  reply_message_id text REFERENCES message (id),
  answers jsonb NOT NULL,
  run_id text,
  error text,
  -- On whose behalf the turn goes on after a restart.
  started_by_id text NOT NULL,
  started_by_name text NOT NULL,
  started_by_roles text[] NOT NULL,
  idempotency_key text,
  fingerprint text,
  created_at timestamptz(3) NOT NULL,
  UNIQUE (conversation_id, idempotency_key)
);
-- A conversation has one turn at a time.
CREATE UNIQUE INDEX turn_running ON turn (conversation_id) WHERE status = 'running';
CREATE INDEX turn_conversation ON turn (conversation_id, id);
SELECT tenant_table('turn', system => true);
REVOKE INSERT, UPDATE, DELETE ON turn FROM conversation_system;

CREATE TABLE draft (
  id text PRIMARY KEY,
  tenant_id text NOT NULL,
  conversation_id text NOT NULL UNIQUE REFERENCES conversation (id),
  workflow_id text,
  version_in_use integer,
  approved_revision integer,
  latest_revision integer NOT NULL DEFAULT 0
);
SELECT tenant_table('draft');

-- A revision is never changed: what was approved can always be shown.
CREATE TABLE draft_revision (
  draft_id text NOT NULL REFERENCES draft (id),
  number integer NOT NULL,
  tenant_id text NOT NULL,
  hash text NOT NULL,
  author_kind text NOT NULL,
  author_id text NOT NULL,
  author_name text NOT NULL,
  origin text NOT NULL,
  restored_from integer,
  source text NOT NULL,
  timezone text NOT NULL,
  input_schema json,
  trigger text NOT NULL,
  questions jsonb NOT NULL,
  diagnostics jsonb NOT NULL,
  side_effects jsonb NOT NULL,
  summary jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (draft_id, number)
);
SELECT tenant_table('draft_revision');
REVOKE UPDATE, DELETE ON draft_revision FROM conversation_app;
