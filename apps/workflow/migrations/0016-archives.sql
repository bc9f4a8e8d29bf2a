-- Where turns lie that have left the journal: in objects that each hold turns of one run or of many.
CREATE TABLE run_archive (
  run_id         text NOT NULL,
  -- The turns that it holds, both included.
  first_position integer NOT NULL,
  last_position  integer NOT NULL,
  -- Entries of the run before these turns, and in them.
  entries_before integer NOT NULL,
  entries        integer NOT NULL,
  tenant_id      text NOT NULL,
  hash           text NOT NULL,
  PRIMARY KEY (run_id, first_position),
  FOREIGN KEY (tenant_id, hash) REFERENCES stored_object (tenant_id, hash)
);
CREATE INDEX run_archive_object ON run_archive (tenant_id, hash);

SELECT tenant_table('run_archive', system => true);
REVOKE INSERT, UPDATE, DELETE ON run_archive FROM workflow_app;
REVOKE UPDATE ON run_archive FROM workflow_system;
-- Turns leave the journal for an archive, in one transaction, and are never changed.
GRANT DELETE ON journal TO workflow_system;

-- The key that a run was started with: what is to be removed with the run, found without an index.
ALTER TABLE run ADD COLUMN start_key text;
ALTER TABLE run NO FORCE ROW LEVEL SECURITY;
ALTER TABLE start_key NO FORCE ROW LEVEL SECURITY;
UPDATE run SET start_key = start_key.key FROM start_key WHERE start_key.run_id = run.id;
ALTER TABLE run FORCE ROW LEVEL SECURITY;
ALTER TABLE start_key FORCE ROW LEVEL SECURITY;
-- What is removed with a run.
CREATE INDEX object_use_run ON object_use (run_id);
