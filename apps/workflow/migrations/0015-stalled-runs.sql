-- Open runs that nothing moves any more: found so after the turn `position`. One that has moved since
-- is not stalled, whatever stands here.
CREATE TABLE stalled_run (
  run_id    text PRIMARY KEY,
  tenant_id text NOT NULL,
  position  integer NOT NULL,
  found_at  timestamptz NOT NULL
);
SELECT tenant_table('stalled_run', system => true);
REVOKE DELETE ON stalled_run FROM workflow_app;
REVOKE INSERT, UPDATE ON stalled_run FROM workflow_system;

-- Live runs are looked at one after the other.
DROP INDEX run_live;
CREATE INDEX run_live ON run (partition, id)
  WHERE status IN ('pending', 'running', 'waiting', 'suspended', 'compensating');
