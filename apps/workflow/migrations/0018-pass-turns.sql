-- Moves the relay past turns of partitions, from `firsts` to `lasts`; false, and nothing moves, when it
-- has passed the first one of some partition already: somebody else has published it. Whoever publishes
-- calls it in the same statement, so a turn is published once.
CREATE FUNCTION pass_turns(partitions integer[], firsts bigint[], lasts bigint[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  behind bigint;
BEGIN
  SELECT count(*) INTO behind FROM (
    SELECT FROM unnest(partitions, firsts) AS p(partition, first)
    JOIN relay_cursor c ON c.partition = p.partition
    WHERE c.seq < p.first ORDER BY c.partition FOR UPDATE OF c
  ) AS locked;
  IF behind < cardinality(partitions) THEN
    RETURN false;
  END IF;
  UPDATE relay_cursor c SET seq = p.last
  FROM unnest(partitions, lasts) AS p(partition, last) WHERE c.partition = p.partition;
  RETURN true;
END $$;
