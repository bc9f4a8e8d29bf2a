-- Overlays that runs were changed by, in their order. `run.ir_hash` is the revision that a run goes by.
CREATE TABLE run_overlay (
  run_id     text NOT NULL,
  -- From 1.
  ordinal    integer NOT NULL,
  tenant_id  text NOT NULL,
  overlay_id text NOT NULL,
  -- Hashes of the compiled definitions that it was made for and that it leads to.
  base       text NOT NULL,
  revision   text NOT NULL,
  applied_by text NOT NULL,
  reason     text,
  applied_at timestamptz NOT NULL,
  -- The turn that it was applied with; 1 where the run that this one goes on from had it.
  position   integer NOT NULL,
  PRIMARY KEY (run_id, ordinal)
);

SELECT tenant_table('run_overlay', system => true);
REVOKE INSERT, UPDATE, DELETE ON run_overlay FROM workflow_app;
REVOKE UPDATE ON run_overlay FROM workflow_system;

-- The definitions that overlays led to, by the hash of what they compile to: what the next overlay of
-- such a run is made for. Those that were published are in workflow_version.
CREATE TABLE overlaid_definition (
  tenant_id  text NOT NULL,
  ir_hash    text NOT NULL,
  definition bytea NOT NULL,
  PRIMARY KEY (tenant_id, ir_hash)
);

SELECT tenant_table('overlaid_definition');
REVOKE UPDATE, DELETE ON overlaid_definition FROM workflow_app;
