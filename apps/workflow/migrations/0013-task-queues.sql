-- Work of `call: worker`: a row is written in the flush of the turn that asks for it and removed in
-- the flush of the turn that ends it. What workers do with it in between is said here, and what comes
-- of it is told to the run by a row of `inbox` in the same transaction.
CREATE TABLE worker_task (
  -- Made of run, occurrence and attempt.
  id           text PRIMARY KEY,
  tenant_id    text NOT NULL,
  run_id       text NOT NULL,
  occurrence   text NOT NULL,
  attempt      integer NOT NULL,
  -- Of the run.
  partition    integer NOT NULL,
  workflow_id  text NOT NULL,
  workflow_name text NOT NULL,
  queue        text NOT NULL,
  task         text NOT NULL,
  -- 0 high, 1 medium, 2 low.
  priority     smallint NOT NULL,
  -- Of the tasks with one key only one is out at a time, in order.
  order_key    text,
  -- Idempotency key of what is asked for.
  key          text NOT NULL,
  -- What the step says under `with`, or the object that holds it.
  args         bytea,
  args_hash    text,
  bytes        integer NOT NULL,
  queued_at    timestamptz NOT NULL,
  -- When it counts as queued among others of its priority: the more its run has in the queue, the later.
  turn_at      timestamptz NOT NULL,
  ordinal      bigint GENERATED ALWAYS AS IDENTITY,
  -- waiting, leased, ended (its run is to be told, or is just being told).
  state        text NOT NULL DEFAULT 'waiting',
  lease_token  text,
  lease_ms     integer,
  lease_until  timestamptz,
  leased_at    timestamptz,
  worker       text,
  pool         text,
  heartbeat_at timestamptz,
  progress     bytea
);
ALTER TABLE worker_task ALTER COLUMN args SET STORAGE EXTERNAL;
CREATE INDEX worker_task_waiting ON worker_task (tenant_id, queue, priority, turn_at, ordinal)
  WHERE state = 'waiting';
CREATE INDEX worker_task_by_age ON worker_task (tenant_id, queue, ordinal);
CREATE INDEX worker_task_leased ON worker_task (tenant_id, queue) WHERE state = 'leased';
CREATE INDEX worker_task_by_key ON worker_task (tenant_id, queue, order_key, ordinal)
  WHERE order_key IS NOT NULL AND state <> 'ended';
CREATE INDEX worker_task_lease ON worker_task (partition, lease_until) WHERE state = 'leased';

-- Limits of queues that have some: of the whole queue, and `{ pool: limit }`.
CREATE TABLE task_queue (
  tenant_id text NOT NULL,
  name      text NOT NULL,
  capacity  integer,
  pools     jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, name)
);

-- Workers that have polled within the last day.
CREATE TABLE queue_worker (
  tenant_id text NOT NULL,
  queue     text NOT NULL,
  name      text NOT NULL,
  pool      text,
  tasks     text[],
  seen_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, queue, name)
);
CREATE INDEX queue_worker_by_age ON queue_worker (seen_at);

SELECT tenant_table('worker_task', system => true);
SELECT tenant_table('task_queue');
SELECT tenant_table('queue_worker', system => true);

-- Requests lease tasks and say what became of them; that there are any is said by runs alone.
REVOKE INSERT, UPDATE, DELETE ON worker_task FROM workflow_app;
GRANT UPDATE (state, lease_token, lease_ms, lease_until, leased_at, worker, pool, heartbeat_at, progress)
  ON worker_task TO workflow_app;
REVOKE DELETE ON queue_worker FROM workflow_app;
GRANT INSERT ON inbox TO workflow_app;
