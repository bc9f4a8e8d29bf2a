-- What runs tell one another. A row is written in the flush of the turn that says it and removed in
-- the flush of the turn that it causes: so it is heard once, whatever dies in between.
CREATE TABLE inbox (
  -- Of the run that is told.
  partition integer NOT NULL,
  -- The turn that says it, and which of its messages it is: `<run>:<position>:<index>`.
  id        text NOT NULL,
  tenant_id text NOT NULL,
  run_id    text NOT NULL,
  body      bytea NOT NULL,
  -- What one run says is read in the order in which it was said.
  ordinal   bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (partition, id)
);
ALTER TABLE inbox ALTER COLUMN body SET STORAGE EXTERNAL;

-- The run that waits for this one, and the step of it that does: `{ runId, occurrence, attempt, depth }`.
ALTER TABLE run ADD COLUMN parent json;
ALTER TABLE run ADD COLUMN parent_run_id text;
CREATE INDEX run_by_parent ON run (parent_run_id, id) WHERE parent_run_id IS NOT NULL;

-- What a definition calls itself: other definitions name it so.
ALTER TABLE workflow_version ADD COLUMN namespace text;
ALTER TABLE workflow_version ADD COLUMN name text;
ALTER TABLE workflow_version ADD COLUMN document_version text;
CREATE INDEX workflow_version_by_name ON workflow_version (tenant_id, namespace, name)
  WHERE name IS NOT NULL;

SELECT tenant_table('inbox', system => true);
REVOKE INSERT, UPDATE, DELETE ON inbox FROM workflow_app;
