-- Large values of journal entries lie in the object store; here is what is known about them.
CREATE TABLE stored_object (
  tenant_id  text NOT NULL,
  hash       text NOT NULL,
  bytes      integer NOT NULL,
  -- When it was last written or found to be there already: what will refer to it may be on its way.
  touched_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, hash)
);
CREATE INDEX stored_object_touched ON stored_object (touched_at);

-- Which runs refer to it; written in the flush of the turn that does.
CREATE TABLE object_use (
  tenant_id text NOT NULL,
  hash      text NOT NULL,
  run_id    text NOT NULL,
  PRIMARY KEY (tenant_id, hash, run_id),
  FOREIGN KEY (tenant_id, hash) REFERENCES stored_object (tenant_id, hash)
);

SELECT tenant_table('stored_object', system => true);
SELECT tenant_table('object_use', system => true);
REVOKE INSERT, UPDATE, DELETE ON stored_object, object_use FROM workflow_app;
REVOKE UPDATE ON object_use FROM workflow_system;
