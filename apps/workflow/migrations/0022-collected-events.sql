-- Schedules whose runs are started by several events together. There is a row where the live version
-- has such a schedule; whoever collects locks it, so an event counts once, and a start is one.
CREATE TABLE schedule_collector (
  workflow_id text PRIMARY KEY REFERENCES schedule (workflow_id) ON DELETE CASCADE,
  tenant_id   text NOT NULL,
  -- What is collected belongs to a version of the workflow: another one begins anew.
  version     integer NOT NULL
);

-- Events that wait for others: each row is what may become one run.
CREATE TABLE schedule_collection (
  tenant_id   text NOT NULL,
  workflow_id text NOT NULL REFERENCES schedule_collector (workflow_id) ON DELETE CASCADE,
  -- Made of the event that opened it; the key of the run is made of it.
  id          text NOT NULL,
  opened      bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  -- Filters that have let an event pass, and the correlation keys that are settled.
  matched     integer[] NOT NULL,
  keys        json NOT NULL,
  events      integer NOT NULL,
  bytes       bigint NOT NULL,
  first_at    timestamptz NOT NULL,
  last_at     timestamptz NOT NULL,
  PRIMARY KEY (workflow_id, id)
);

CREATE TABLE schedule_collected (
  tenant_id   text NOT NULL,
  workflow_id text NOT NULL,
  collection  text NOT NULL,
  position    integer NOT NULL,
  -- What of the event is handed on (see codec).
  value       bytea NOT NULL,
  PRIMARY KEY (workflow_id, collection, position),
  FOREIGN KEY (workflow_id, collection) REFERENCES schedule_collection (workflow_id, id) ON DELETE CASCADE
);
ALTER TABLE schedule_collected ALTER COLUMN value SET STORAGE EXTERNAL;

-- Events that have counted: they are known as long as what they were added to is open, and some time
-- after that, because one may be told of again.
CREATE TABLE schedule_counted (
  tenant_id   text NOT NULL,
  workflow_id text NOT NULL REFERENCES schedule (workflow_id) ON DELETE CASCADE,
  event       text NOT NULL,
  collection  text,
  counted_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (workflow_id, event),
  FOREIGN KEY (workflow_id, collection) REFERENCES schedule_collection (workflow_id, id)
    ON DELETE SET NULL (collection)
);
CREATE INDEX schedule_counted_open ON schedule_counted (workflow_id, collection) WHERE collection IS NOT NULL;
CREATE INDEX schedule_counted_done ON schedule_counted (workflow_id, counted_at) WHERE collection IS NULL;

SELECT tenant_table('schedule_collector', system => true);
SELECT tenant_table('schedule_collection', system => true);
SELECT tenant_table('schedule_collected', system => true);
SELECT tenant_table('schedule_counted', system => true);
