-- A run that undoes what it has done is live too.
DROP INDEX run_live;
CREATE INDEX run_live ON run (partition)
  WHERE status IN ('pending', 'running', 'waiting', 'suspended', 'compensating');
