-- Suspended runs are live too: a process that takes over looks at what they had called.
DROP INDEX run_live;
CREATE INDEX run_live ON run (partition)
  WHERE status IN ('pending', 'running', 'waiting', 'suspended');
