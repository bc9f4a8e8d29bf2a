-- What replicas can read of the journal. A process writes what came with a level only when every replica
-- that is alive reads it; once such a thing may have been written, no process that cannot read it joins.

ALTER TABLE replica
  ADD COLUMN journal_level integer NOT NULL DEFAULT 1,
  -- Whose announcement that is: a process of before levels takes over a row and says nothing of itself.
  ADD COLUMN announced_by text;

CREATE TABLE journal_level (
  one   boolean PRIMARY KEY DEFAULT true CHECK (one),
  -- The highest level of which something may have been written.
  level integer NOT NULL
);
INSERT INTO journal_level (level) VALUES (1);
SELECT system_table('journal_level');

CREATE FUNCTION announced_level(one replica) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN one.announced_by = one.id THEN one.journal_level ELSE 1 END
$$;

-- Also processes of before levels are turned away, which would not ask.
CREATE FUNCTION replica_reads_journal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  needed integer;
  reads integer := announced_level(NEW);
BEGIN
  SELECT level INTO needed FROM journal_level FOR SHARE;
  IF reads < needed THEN
    RAISE EXCEPTION 'the journal of this database may have entries of level %, and this version of Parley reads levels up to %: start the version that ran last, or a newer one', needed, reads
      USING ERRCODE = 'PJ001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER replica_joins BEFORE INSERT ON replica
  FOR EACH ROW EXECUTE FUNCTION replica_reads_journal();
-- One whose lease had ended did not count when a level was switched on.
CREATE TRIGGER replica_returns BEFORE UPDATE ON replica FOR EACH ROW
  WHEN (OLD.lease_until <= clock_timestamp() AND NEW.lease_until > OLD.lease_until)
  EXECUTE FUNCTION replica_reads_journal();

-- Switches a level on, if every replica that is alive reads it; answers the level that is on then.
CREATE FUNCTION switch_on_level(wanted integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  now_on integer;
BEGIN
  PERFORM FROM journal_level FOR UPDATE;
  UPDATE journal_level SET level = wanted WHERE level < wanted AND NOT EXISTS (
    SELECT FROM replica WHERE lease_until > clock_timestamp() AND announced_level(replica) < wanted);
  SELECT level INTO now_on FROM journal_level;
  RETURN now_on;
END $$;
