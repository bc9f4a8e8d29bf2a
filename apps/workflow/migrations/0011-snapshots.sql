-- What runs were after some of their turns: a run is read from its latest one and what follows. One is
-- written when the entries since the one before are more than it is itself.
CREATE TABLE run_snapshot (
  run_id    text NOT NULL,
  -- The turn that led to it.
  position  integer NOT NULL,
  tenant_id text NOT NULL,
  -- How the state is written down; what a release does not know it does not read.
  format    integer NOT NULL,
  -- Entries of the run until then.
  entries   integer NOT NULL,
  state     bytea NOT NULL,
  PRIMARY KEY (run_id, position)
);
ALTER TABLE run_snapshot ALTER COLUMN state SET STORAGE EXTERNAL;

SELECT tenant_table('run_snapshot', system => true);
REVOKE INSERT, UPDATE, DELETE ON run_snapshot FROM workflow_app;
REVOKE UPDATE ON run_snapshot FROM workflow_system;
