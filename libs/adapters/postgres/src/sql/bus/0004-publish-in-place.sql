-- Publishing gives positions at once: it holds the heads of the partitions that it writes to until it
-- commits. A row is written once, and nobody has to come by afterwards.
--
-- L1  A position is given only to an event whose transaction commits: head and events are written
--     together.
-- L2  Positions of a partition become visible in order and without gaps: whoever gives the next ones
--     waits for the head's row until the transaction that has it ends.
-- L4  A transaction takes heads in the order of topic and partition, in one call per topic, so that
--     two publishers wait for each other and cannot deadlock.

-- Older processes are in the middle of a call, or wait until this is through.
LOCK TABLE incoming IN ACCESS EXCLUSIVE MODE;

WITH counted AS (
  SELECT topic, partition, sum(cardinality(keys)) AS events FROM incoming GROUP BY topic, partition
), moved AS (
  UPDATE head h SET position = h.position + c.events FROM counted c
  WHERE h.topic = c.topic AND h.partition = c.partition
  RETURNING h.topic, h.partition, h.position - c.events AS base
)
INSERT INTO event (topic, partition, position, keys, envelopes, failure)
SELECT i.topic, i.partition,
  m.base + sum(cardinality(i.keys)) OVER (PARTITION BY i.topic, i.partition ORDER BY i.id),
  i.keys, i.envelopes, i.failure
FROM incoming i JOIN moved m USING (topic, partition);

DROP TABLE incoming;

-- Most of a row is a long text that repeats itself. Not every build of the server has LZ4.
DO $$ BEGIN
  ALTER TABLE event ALTER COLUMN envelopes SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
  NULL;
END $$;

-- Takes events of one topic, in order. Who may publish is decided here; whether an event is what it
-- says to be, its type and key, is decided by each reader, who has to take the text apart anyway.
-- At most 100 events go into a row, so that whoever reads on in the middle of one does not read much
-- twice.
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
  WITH part AS MATERIALIZED (
    SELECT q.partition, q.part, count(*) AS events,
      array_agg(q.key ORDER BY q.n) AS keys, array_agg(q.envelope ORDER BY q.n) AS envelopes
    FROM (
      SELECT p.*, (row_number() OVER (PARTITION BY p.partition ORDER BY p.n) - 1) / 100 AS part
      FROM (
        SELECT e.*, get_byte(sha256(convert_to(e.key, 'UTF8')), 0) % partition_count AS partition
        FROM unnest(keys, envelopes) WITH ORDINALITY AS e(key, envelope, n)
      ) AS p
    ) AS q
    GROUP BY q.partition, q.part
  ), locked AS MATERIALIZED ( -- L4
    SELECT h.partition FROM head h
    WHERE h.topic = topic_name AND h.partition = ANY (ARRAY(SELECT p.partition FROM part p))
    ORDER BY h.partition FOR NO KEY UPDATE
  ), moved AS (
    UPDATE head h SET position = h.position + s.events
    FROM (SELECT p.partition, sum(p.events) AS events FROM part p GROUP BY p.partition) AS s
      JOIN locked l ON l.partition = s.partition
    WHERE h.topic = topic_name AND h.partition = s.partition
    RETURNING h.partition, h.position - s.events AS base
  )
  INSERT INTO event (topic, partition, position, keys, envelopes)
  SELECT topic_name, p.partition,
    m.base + sum(p.events) OVER (PARTITION BY p.partition ORDER BY p.part), p.keys, p.envelopes
  FROM moved m JOIN part p ON p.partition = m.partition;
END $$;

-- What processes call that are older than this. There is nothing left to do, and readers that nobody
-- wakes find new events at their next poll.
CREATE OR REPLACE FUNCTION sequence(row_limit integer) RETURNS SETOF text
LANGUAGE sql SET search_path = bus, pg_temp AS $$
  SELECT NULL::text WHERE false
$$;

-- Rows behind the given positions of partitions that the member owns, a row as it is stored: at most
-- `event_limit` events of each partition, which is 100 or more, so that a row always fits. In no
-- order: sorting would carry the texts along. Keys are a JSON array; envelopes are joined by U+001E, which no JSON text has in it. `failure` is of a dead letter.
CREATE FUNCTION read_rows(
  group_name text, member_id integer,
  topics text[], partitions integer[], positions bigint[], event_limit integer
) RETURNS TABLE (
  topic text, "partition" integer, "position" bigint, keys text, envelopes text, failure text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM principal p
    WHERE p.role = session_user AND p.service = split_part(read_rows.group_name, '.', 1)
  ) THEN
    PERFORM may_use(read_rows.group_name); -- says why not
  END IF;
  RETURN QUERY
  SELECT w.topic, w.partition, v.position, array_to_json(v.keys)::text,
    array_to_string(v.envelopes, E'\x1e'), v.failure
  FROM unnest(topics, partitions, positions) WITH ORDINALITY AS w(topic, partition, position, n)
  JOIN consumer c ON c.group_name = read_rows.group_name AND c.topic = w.topic
    AND c.partition = w.partition AND c.owner = member_id
  CROSS JOIN LATERAL (
    SELECT e.position AS least FROM event e
    WHERE e.topic = w.topic AND e.partition = w.partition AND e.position > w.position
    ORDER BY e.position LIMIT 1
  ) AS f
  CROSS JOIN LATERAL (
    SELECT e.position, e.keys, e.envelopes, e.failure FROM event e
    WHERE e.topic = w.topic AND e.partition = w.partition
      AND e.position >= f.least AND e.position < f.least + event_limit
  ) AS v;
END $$;

CREATE OR REPLACE FUNCTION bury(
  group_name text, member_id integer, topic_name text, partition_number integer,
  buried bigint, failure text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  dead text := 'dead-letter.' || group_name;
  letter record;
  placed bigint;
BEGIN
  PERFORM may_use(bury.group_name);
  UPDATE consumer c SET position = buried, attempts = 0
  WHERE c.group_name = bury.group_name AND c.topic = topic_name
    AND c.partition = partition_number AND c.owner = member_id AND c.position < buried;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  SELECT partition_of(dead, e.keys[e.at]) AS partition,
    e.keys[e.at:e.at] AS keys, e.envelopes[e.at:e.at] AS envelopes
  INTO letter
  FROM (
    SELECT v.keys, v.envelopes, (buried - v.position + cardinality(v.keys))::integer AS at FROM event v
    WHERE v.topic = topic_name AND v.partition = partition_number AND v.position >= buried
    ORDER BY v.position LIMIT 1
  ) AS e WHERE e.at > 0;
  IF FOUND THEN
    UPDATE head h SET position = h.position + 1
    WHERE h.topic = dead AND h.partition = letter.partition RETURNING h.position INTO placed;
    INSERT INTO event (topic, partition, position, keys, envelopes, failure)
    VALUES (dead, letter.partition, placed, letter.keys, letter.envelopes, bury.failure);
  END IF;
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION lag(group_name text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  behind bigint;
BEGIN
  PERFORM may_use(lag.group_name);
  SELECT coalesce(sum(h.position - c.position), 0) INTO behind
  FROM consumer c JOIN head h USING (topic, partition) WHERE c.group_name = lag.group_name;
  RETURN behind;
END $$;

CREATE OR REPLACE FUNCTION admit(
  role_name name, service_name text, publishes text[], subscribes text[]
) RETURNS void
LANGUAGE plpgsql SET search_path = bus, pg_temp AS $$
BEGIN
  INSERT INTO principal VALUES (role_name, service_name)
  ON CONFLICT (role) DO UPDATE SET service = excluded.service;
  DELETE FROM topic_grant WHERE role = role_name;
  INSERT INTO topic_grant SELECT role_name, 'publish', t FROM unnest(publishes) AS t;
  INSERT INTO topic_grant SELECT role_name, 'subscribe', t FROM unnest(subscribes) AS t;
  PERFORM ensure_topic(t) FROM unnest(publishes) AS t ORDER BY t;
  EXECUTE format('GRANT USAGE ON SCHEMA bus TO %I', role_name);
  EXECUTE format('GRANT EXECUTE ON FUNCTION bus.publish, bus.sequence, bus.heads, bus.join_group, '
    'bus.claim, bus.read_on, bus.read_rows, bus.ack, bus.fail, bus.bury, bus.release, '
    'bus.leave_group, bus.seek, bus.lag, bus.prune TO %I', role_name);
END $$;
