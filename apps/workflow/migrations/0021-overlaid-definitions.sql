-- When an overlay last led here. What no run was led to any more is removed with the last of its runs, but
-- not while a run that is about to take it may not have said so yet.
ALTER TABLE overlaid_definition ADD COLUMN kept_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX run_overlay_revision ON run_overlay (tenant_id, revision);

SELECT tenant_table('overlaid_definition', system => true);
REVOKE UPDATE, DELETE ON overlaid_definition FROM workflow_app;
GRANT UPDATE (kept_at) ON overlaid_definition TO workflow_app;
REVOKE INSERT, UPDATE ON overlaid_definition FROM workflow_system;
