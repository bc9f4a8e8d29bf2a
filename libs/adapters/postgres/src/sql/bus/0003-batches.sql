-- A row holds the events of one publishing call that go to one partition, in order: what a row costs
-- (indexes, headers, the log of the database) is paid once for many events. `position` is that of a
-- row's last event; a row of n events has the n positions up to it.
ALTER TABLE incoming ALTER COLUMN key TYPE text[] USING ARRAY[key],
  ALTER COLUMN envelope TYPE text[] USING ARRAY[envelope];
ALTER TABLE incoming RENAME COLUMN key TO keys;
ALTER TABLE incoming RENAME COLUMN envelope TO envelopes;
ALTER TABLE event ALTER COLUMN key TYPE text[] USING ARRAY[key],
  ALTER COLUMN envelope TYPE text[] USING ARRAY[envelope];
ALTER TABLE event RENAME COLUMN key TO keys;
ALTER TABLE event RENAME COLUMN envelope TO envelopes;

-- Takes events of one topic, in order. The envelope must be of that topic, whatever the caller's
-- own checks say: no service forges another's events. At most 100 events go into a row, so that
-- whoever reads on in the middle of one does not read much twice.
CREATE OR REPLACE FUNCTION publish(topic_name text, keys text[], envelopes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  partition_count integer;
BEGIN
  PERFORM caller();
  IF NOT EXISTS (
    SELECT FROM topic_grant
    WHERE role = session_user AND action = 'publish' AND topic = topic_name
  ) THEN
    RAISE EXCEPTION 'role % may not publish to topic %', session_user, topic_name
      USING ERRCODE = '42501';
  END IF;
  IF EXISTS (
    SELECT FROM unnest(keys, envelopes) AS e(key, envelope)
      CROSS JOIN LATERAL json_to_record(e.envelope::json) AS said(type text, partitionkey text)
    WHERE NOT coalesce(starts_with(said.type, 'parley.' || topic_name || '.')
      AND said.partitionkey = e.key, false)
  ) THEN
    RAISE EXCEPTION 'an event does not belong to topic % or its key', topic_name
      USING ERRCODE = '42501';
  END IF;
  SELECT t.partitions INTO partition_count FROM topic t WHERE t.name = topic_name;
  INSERT INTO incoming (topic, partition, keys, envelopes)
  SELECT topic_name, p.partition, array_agg(p.key ORDER BY p.n), array_agg(p.envelope ORDER BY p.n)
  FROM (
    SELECT q.*, (row_number() OVER (PARTITION BY q.partition ORDER BY q.n) - 1) / 100 AS part
    FROM (
      SELECT e.*, get_byte(sha256(convert_to(e.key, 'UTF8')), 0) % partition_count AS partition
      FROM unnest(keys, envelopes) WITH ORDINALITY AS e(key, envelope, n)
    ) AS q
  ) AS p
  GROUP BY p.partition, p.part ORDER BY p.partition, p.part;
END $$;

-- `row_limit` bounds the rows of a partition; each of them is at most 100 events.
CREATE OR REPLACE FUNCTION sequence(row_limit integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  waiting record;
  base bigint;
  moved bigint;
BEGIN
  PERFORM caller();
  FOR waiting IN
    SELECT h.topic, h.partition FROM head h
    WHERE EXISTS (
      SELECT FROM incoming i WHERE i.topic = h.topic AND i.partition = h.partition
    ) ORDER BY h.topic, h.partition
  LOOP
    SELECT h.position INTO base FROM head h
    WHERE h.topic = waiting.topic AND h.partition = waiting.partition FOR UPDATE;
    WITH taken AS (
      DELETE FROM incoming i
      WHERE i.topic = waiting.topic AND i.partition = waiting.partition AND i.id IN (
        SELECT id FROM incoming WHERE topic = waiting.topic AND partition = waiting.partition
        ORDER BY id LIMIT row_limit
      ) RETURNING i.*
    ), placed AS (
      INSERT INTO event (topic, partition, position, keys, envelopes, failure)
      SELECT topic, partition, base + sum(cardinality(keys)) OVER (ORDER BY id), keys, envelopes, failure
      FROM taken RETURNING cardinality(keys) AS events
    )
    SELECT sum(events) INTO moved FROM placed;
    IF moved > 0 THEN
      UPDATE head SET position = base + moved
      WHERE topic = waiting.topic AND partition = waiting.partition;
      RETURN NEXT waiting.topic;
    END IF;
  END LOOP;
END $$;

-- Events behind the given positions of partitions that the member owns; the limits count events.
CREATE OR REPLACE FUNCTION read_on(
  group_name text, member_id integer,
  topics text[], partitions integer[], positions bigint[], row_limit integer, total_limit integer
) RETURNS TABLE (
  topic text, "partition" integer, "position" bigint, key text, envelope text, failure text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
BEGIN
  PERFORM may_use(read_on.group_name);
  RETURN QUERY
  SELECT w.topic, w.partition, e.position, e.key, e.envelope, e.failure
  FROM unnest(topics, partitions, positions) WITH ORDINALITY AS w(topic, partition, position, n)
  JOIN consumer c ON c.group_name = read_on.group_name AND c.topic = w.topic
    AND c.partition = w.partition AND c.owner = member_id
  CROSS JOIN LATERAL (
    SELECT v.position - cardinality(v.keys) + u.n AS position, u.key, u.envelope, v.failure
    FROM event v CROSS JOIN LATERAL unnest(v.keys, v.envelopes) WITH ORDINALITY AS u(key, envelope, n)
    WHERE v.topic = w.topic AND v.partition = w.partition AND v.position > w.position
      AND v.position - cardinality(v.keys) + u.n > w.position
    ORDER BY v.position, u.n LIMIT row_limit
  ) AS e
  ORDER BY w.n, e.position LIMIT total_limit;
END $$;

CREATE OR REPLACE FUNCTION bury(
  group_name text, member_id integer, topic_name text, partition_number integer,
  buried bigint, failure text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  dead text := 'dead-letter.' || group_name;
BEGIN
  PERFORM may_use(bury.group_name);
  UPDATE consumer c SET position = buried, attempts = 0
  WHERE c.group_name = bury.group_name AND c.topic = topic_name
    AND c.partition = partition_number AND c.owner = member_id AND c.position < buried;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO incoming (topic, partition, keys, envelopes, failure)
  SELECT dead, partition_of(dead, e.keys[e.at]), e.keys[e.at:e.at], e.envelopes[e.at:e.at], bury.failure
  FROM (
    SELECT v.keys, v.envelopes, (buried - v.position + cardinality(v.keys))::integer AS at FROM event v
    WHERE v.topic = topic_name AND v.partition = partition_number AND v.position >= buried
    ORDER BY v.position LIMIT 1
  ) AS e WHERE e.at > 0;
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION lag(group_name text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  behind bigint;
BEGIN
  PERFORM may_use(lag.group_name);
  SELECT coalesce(sum(h.position - c.position + (
    SELECT coalesce(sum(cardinality(i.keys)), 0) FROM incoming i
    WHERE i.topic = h.topic AND i.partition = h.partition
  )), 0) INTO behind
  FROM consumer c JOIN head h USING (topic, partition) WHERE c.group_name = lag.group_name;
  RETURN behind;
END $$;
