-- Runs that wait for events: one row for each type of event that such a task wants; the type is empty
-- where the task wants events of any type. Written and removed in the flush of the turn.
CREATE TABLE subscription (
  run_id     text NOT NULL,
  occurrence text NOT NULL,
  attempt    integer NOT NULL,
  type       text NOT NULL,
  tenant_id  text NOT NULL,
  partition  integer NOT NULL,
  -- What an event must have to be brought to the run: see EventInterest.
  interests  json NOT NULL,
  opened_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run_id, occurrence, attempt, type)
);
CREATE INDEX subscription_by_type ON subscription (tenant_id, type);
CREATE INDEX subscription_fresh ON subscription (partition, opened_at);

-- The events of the last minutes: a task that begins to listen shortly after an event came gets it
-- all the same, and an event that is told twice is known.
CREATE TABLE recent_event (
  tenant_id  text NOT NULL,
  source     text NOT NULL,
  id         text NOT NULL,
  type       text NOT NULL,
  -- Only for this run: a signal.
  run_id     text,
  event      bytea NOT NULL,
  -- Whether it was held against the tasks that listened when it came.
  brought    boolean NOT NULL DEFAULT false,
  arrived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, source, id)
);
ALTER TABLE recent_event ALTER COLUMN event SET STORAGE EXTERNAL;
CREATE INDEX recent_event_by_type ON recent_event (tenant_id, type, arrived_at);
CREATE INDEX recent_event_left_behind ON recent_event (arrived_at) WHERE NOT brought;
CREATE INDEX recent_event_by_age ON recent_event (arrived_at);

SELECT tenant_table('subscription', system => true);
SELECT tenant_table('recent_event', system => true);
-- Requests tell events and read nothing of what others told.
REVOKE INSERT, UPDATE, DELETE ON subscription FROM workflow_app;
REVOKE UPDATE, DELETE ON recent_event FROM workflow_app;
