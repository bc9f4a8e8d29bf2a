-- Publishers of a topic wait for one another as a whole: almost every publication goes to all of its
-- partitions anyway, and one lock in memory costs less than eight that are written to disk.
--
-- L2  Positions of a partition become visible in order and without gaps: whoever gives the next ones
--     waits for the lock of the topic until the transaction that has it ends.
-- L4  A transaction takes the locks of topics in the order of their names, so that two publishers
--     wait for each other and cannot deadlock.
CREATE OR REPLACE FUNCTION publish(topic_name text, keys text[], envelopes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  partition_count integer;
BEGIN
  SELECT t.partitions INTO partition_count
  FROM topic_grant g JOIN topic t ON t.name = g.topic
  WHERE g.role = session_user AND g.action = 'publish' AND g.topic = topic_name;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'role % may not publish to topic %', session_user, topic_name
      USING ERRCODE = '42501';
  END IF;
  IF cardinality(keys) <> cardinality(envelopes)
    OR array_position(keys, NULL) IS NOT NULL OR array_position(envelopes, NULL) IS NOT NULL
  THEN
    RAISE EXCEPTION 'each event has a key and an envelope' USING ERRCODE = '22023';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('bus/topic/' || topic_name, 0)); -- L2, L4
  WITH part AS MATERIALIZED (
    SELECT p.partition, count(*)::integer AS events,
      array_agg(p.key ORDER BY p.n) AS keys, array_agg(p.envelope ORDER BY p.n) AS envelopes
    FROM (
      SELECT e.*, get_byte(sha256(convert_to(e.key, 'UTF8')), 0) % partition_count AS partition
      FROM unnest(keys, envelopes) WITH ORDINALITY AS e(key, envelope, n)
    ) AS p
    GROUP BY p.partition
  ), moved AS (
    UPDATE head h SET position = h.position + p.events FROM part p
    WHERE h.topic = topic_name AND h.partition = p.partition
    RETURNING h.partition, h.position - p.events AS base
  )
  INSERT INTO event (topic, partition, position, keys, envelopes)
  SELECT topic_name, p.partition, m.base + least(p.events, at + 100),
    p.keys[at + 1 : at + 100], p.envelopes[at + 1 : at + 100]
  FROM moved m JOIN part p ON p.partition = m.partition
    CROSS JOIN LATERAL generate_series(0, p.events - 1, 100) AS at;
END $$;
