-- Who calls. Everything below starts with it, directly or through may_use().
CREATE FUNCTION caller() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  found_service text;
BEGIN
  SELECT service INTO found_service FROM principal WHERE role = session_user;
  IF found_service IS NULL THEN
    RAISE EXCEPTION 'role % is not admitted to the bus', session_user USING ERRCODE = '42501';
  END IF;
  RETURN found_service;
END $$;

-- A service uses the groups that carry its name: `platform`, `platform.audit`.
CREATE FUNCTION may_use(group_name text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = bus, pg_temp AS $$
BEGIN
  IF split_part(group_name, '.', 1) <> caller() THEN
    RAISE EXCEPTION 'role % may not use consumer group %', session_user, group_name
      USING ERRCODE = '42501';
  END IF;
END $$;

CREATE FUNCTION ensure_topic(topic_name text) RETURNS void
LANGUAGE sql SET search_path = bus, pg_temp AS $$
  INSERT INTO topic VALUES (topic_name, 8, interval '7 days') ON CONFLICT DO NOTHING;
  INSERT INTO head (topic, partition)
  SELECT t.name, n FROM topic t, generate_series(0, t.partitions - 1) AS n
  WHERE t.name = topic_name ON CONFLICT DO NOTHING;
$$;

CREATE FUNCTION partition_of(topic_name text, event_key text) RETURNS integer
LANGUAGE sql STABLE SET search_path = bus, pg_temp AS $$
  SELECT get_byte(sha256(convert_to(event_key, 'UTF8')), 0) % partitions
  FROM topic WHERE name = topic_name
$$;

-- Called by the provisioner alone.
CREATE FUNCTION admit(
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
    'bus.claim, bus.read_on, bus.ack, bus.fail, bus.bury, bus.release, bus.leave_group, bus.seek, '
    'bus.lag, bus.prune TO %I', role_name);
END $$;

-- Takes events of one topic, in order. The envelope must be of that topic, whatever the caller's
-- own checks say: no service forges another's events.
CREATE FUNCTION publish(topic_name text, keys text[], envelopes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
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
    WHERE NOT coalesce(starts_with(e.envelope::json ->> 'type', 'parley.' || topic_name || '.')
      AND e.envelope::json ->> 'partitionkey' = e.key, false)
  ) THEN
    RAISE EXCEPTION 'an event does not belong to topic % or its key', topic_name
      USING ERRCODE = '42501';
  END IF;
  INSERT INTO incoming (topic, partition, key, envelope)
  SELECT topic_name, partition_of(topic_name, e.key), e.key, e.envelope
  FROM unnest(keys, envelopes) WITH ORDINALITY AS e(key, envelope, n) ORDER BY e.n;
END $$;

-- Gives positions to what has committed (L1, L2). Any process may call it; partitions are taken in
-- one order, so two callers wait for each other and cannot deadlock. Answers the topics that grew.
CREATE FUNCTION sequence(row_limit integer) RETURNS SETOF text
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
      INSERT INTO event (topic, partition, position, key, envelope, failure)
      SELECT topic, partition, base + row_number() OVER (ORDER BY id), key, envelope, failure
      FROM taken RETURNING 1
    )
    SELECT count(*) INTO moved FROM placed;
    IF moved > 0 THEN
      UPDATE head SET position = base + moved
      WHERE topic = waiting.topic AND partition = waiting.partition;
      RETURN NEXT waiting.topic;
    END IF;
  END LOOP;
END $$;

CREATE FUNCTION heads(topics text[])
RETURNS TABLE (topic text, "partition" integer, "position" bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
BEGIN
  PERFORM caller();
  RETURN QUERY SELECT h.topic, h.partition, h.position FROM head h WHERE h.topic = ANY (topics);
END $$;

-- The topics that a group reads; `*` is every topic that the role may read, dead letters aside.
CREATE FUNCTION readable(group_name text, wanted text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  refused text;
BEGIN
  SELECT w INTO refused FROM unnest(wanted) AS w
  WHERE w <> '*' AND w NOT LIKE 'dead-letter.' || caller() || '%' AND NOT EXISTS (
    SELECT FROM topic_grant g
    WHERE g.role = session_user AND g.action = 'subscribe' AND g.topic IN (w, '*')
  ) OR w LIKE 'dead-letter.%' AND split_part(w, '.', 2) <> caller();
  IF refused IS NOT NULL THEN
    RAISE EXCEPTION 'role % may not read topic %', session_user, refused USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT t.name FROM topic t
  WHERE t.name = ANY (wanted) OR '*' = ANY (wanted) AND t.name NOT LIKE 'dead-letter.%'
    AND EXISTS (
      SELECT FROM topic_grant g
      WHERE g.role = session_user AND g.action = 'subscribe' AND g.topic IN (t.name, '*')
    );
END $$;

-- Called on the member's own session, whose end is the member's end (L3).
CREATE FUNCTION join_group(group_name text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  member_id integer;
BEGIN
  PERFORM may_use(join_group.group_name);
  PERFORM ensure_topic('dead-letter.' || join_group.group_name);
  INSERT INTO member (group_name) VALUES (join_group.group_name) RETURNING id INTO member_id;
  PERFORM pg_advisory_lock(1886547826, member_id);
  RETURN member_id;
END $$;

-- Takes over what the dead left, up to a fair share, and answers what the member owns now. More
-- than `share` rows mean that the member has to release some. `from_positions` is JSON text
-- {"topic/partition": position} for partitions that the group has never read.
CREATE FUNCTION claim(
  group_name text, member_id integer, topics text[], from_now boolean, from_positions text
) RETURNS TABLE (
  topic text, "partition" integer, "position" bigint, attempts integer, share integer
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
#variable_conflict use_column
DECLARE
  other record;
  names text[];
  live integer;
  total integer;
  fair integer;
  mine integer;
BEGIN
  PERFORM may_use(claim.group_name);
  PERFORM pg_advisory_xact_lock(hashtextextended('bus/group/' || claim.group_name, 0));
  names := ARRAY(SELECT readable(claim.group_name, claim.topics));
  IF NOT EXISTS (SELECT FROM member m WHERE m.id = member_id AND m.group_name = claim.group_name)
  THEN
    -- Its session was found dead, so others may own its partitions: it has to join again.
    RAISE EXCEPTION 'member % of group % is gone', member_id, claim.group_name
      USING ERRCODE = 'P0002';
  END IF;
  FOR other IN
    SELECT m.id FROM member m WHERE m.group_name = claim.group_name AND m.id <> member_id
  LOOP
    IF pg_try_advisory_xact_lock_shared(1886547826, other.id) THEN
      DELETE FROM member m WHERE m.id = other.id;
    END IF;
  END LOOP;
  INSERT INTO consumer (group_name, topic, partition, position)
  SELECT claim.group_name, h.topic, h.partition, coalesce(
    (from_positions::json ->> (h.topic || '/' || h.partition))::bigint,
    CASE WHEN from_now THEN h.position ELSE 0 END)
  FROM head h WHERE h.topic = ANY (names) AND NOT EXISTS (
    SELECT FROM consumer c WHERE c.group_name = claim.group_name
      AND c.topic = h.topic AND c.partition = h.partition);
  SELECT count(*) INTO live FROM member m WHERE m.group_name = claim.group_name;
  SELECT count(*), count(*) FILTER (WHERE c.owner = member_id) INTO total, mine
  FROM consumer c WHERE c.group_name = claim.group_name AND c.topic = ANY (names);
  fair := ceil(total::numeric / greatest(live, 1));
  IF mine < fair THEN
    UPDATE consumer c SET owner = member_id
    FROM (
      SELECT f.topic, f.partition FROM consumer f
      WHERE f.group_name = claim.group_name AND f.topic = ANY (names)
        AND (f.owner IS NULL OR NOT EXISTS (SELECT FROM member m WHERE m.id = f.owner))
      ORDER BY f.topic, f.partition LIMIT fair - mine
    ) AS free
    WHERE c.group_name = claim.group_name
      AND c.topic = free.topic AND c.partition = free.partition;
  END IF;
  RETURN QUERY SELECT c.topic, c.partition, c.position, c.attempts, fair FROM consumer c
  WHERE c.group_name = claim.group_name AND c.owner = member_id AND c.topic = ANY (names);
END $$;

-- Events behind the given positions of partitions that the member owns.
CREATE FUNCTION read_on(
  group_name text, member_id integer,
  topics text[], partitions integer[], positions bigint[], row_limit integer, total_limit integer
) RETURNS TABLE (
  topic text, "partition" integer, "position" bigint, key text, envelope text, failure text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
BEGIN
  PERFORM may_use(read_on.group_name);
  RETURN QUERY
  SELECT e.topic, e.partition, e.position, e.key, e.envelope, e.failure
  FROM unnest(topics, partitions, positions) WITH ORDINALITY AS w(topic, partition, position, n)
  JOIN consumer c ON c.group_name = read_on.group_name AND c.topic = w.topic
    AND c.partition = w.partition AND c.owner = member_id
  CROSS JOIN LATERAL (
    SELECT * FROM event v
    WHERE v.topic = w.topic AND v.partition = w.partition AND v.position > w.position
    ORDER BY v.position LIMIT row_limit
  ) AS e
  ORDER BY w.n, e.position LIMIT total_limit;
END $$;

-- Moves positions forward; answers how many of the partitions the member still owns.
CREATE FUNCTION ack(
  group_name text, member_id integer, topics text[], partitions integer[], positions bigint[]
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  moved integer;
BEGIN
  PERFORM may_use(ack.group_name);
  UPDATE consumer c SET position = greatest(c.position, w.position),
    attempts = CASE WHEN w.position > c.position THEN 0 ELSE c.attempts END
  FROM unnest(topics, partitions, positions) AS w(topic, partition, position)
  WHERE c.group_name = ack.group_name AND c.topic = w.topic AND c.partition = w.partition
    AND c.owner = member_id;
  GET DIAGNOSTICS moved = ROW_COUNT;
  RETURN moved;
END $$;

-- Counts a failed attempt at the event at `failed`; answers the attempts so far, or nothing when
-- the member does not own the partition any more.
CREATE FUNCTION fail(
  group_name text, member_id integer, topic_name text, partition_number integer, failed bigint
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  counted integer;
BEGIN
  PERFORM may_use(fail.group_name);
  UPDATE consumer c SET position = failed - 1,
    attempts = CASE WHEN c.position = failed - 1 THEN c.attempts + 1 ELSE 1 END
  WHERE c.group_name = fail.group_name AND c.topic = topic_name
    AND c.partition = partition_number AND c.owner = member_id
  RETURNING c.attempts INTO counted;
  RETURN counted;
END $$;

-- Puts an event into the group's dead-letter topic and moves on, in one step.
CREATE FUNCTION bury(
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
  INSERT INTO incoming (topic, partition, key, envelope, failure)
  SELECT dead, partition_of(dead, e.key), e.key, e.envelope, bury.failure FROM event e
  WHERE e.topic = topic_name AND e.partition = partition_number AND e.position = buried;
  RETURN true;
END $$;

CREATE FUNCTION release(
  group_name text, member_id integer, topics text[], partitions integer[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
BEGIN
  PERFORM may_use(release.group_name);
  UPDATE consumer c SET owner = NULL FROM unnest(topics, partitions) AS w(topic, partition)
  WHERE c.group_name = release.group_name AND c.topic = w.topic AND c.partition = w.partition
    AND c.owner = member_id;
END $$;

CREATE FUNCTION leave_group(group_name text, member_id integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
BEGIN
  PERFORM may_use(leave_group.group_name);
  PERFORM pg_advisory_xact_lock(hashtextextended('bus/group/' || leave_group.group_name, 0));
  UPDATE consumer c SET owner = NULL
  WHERE c.group_name = leave_group.group_name AND c.owner = member_id;
  DELETE FROM member m WHERE m.id = member_id AND m.group_name = leave_group.group_name;
END $$;

-- Moves a group, and takes every partition from its owner, who finds out and reads on from there.
CREATE FUNCTION seek(
  group_name text, topics text[], to_now boolean, to_positions text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
BEGIN
  PERFORM may_use(seek.group_name);
  PERFORM pg_advisory_xact_lock(hashtextextended('bus/group/' || seek.group_name, 0));
  INSERT INTO consumer AS c (group_name, topic, partition, position)
  SELECT seek.group_name, h.topic, h.partition, coalesce(
    (to_positions::json ->> (h.topic || '/' || h.partition))::bigint,
    CASE WHEN to_now THEN h.position ELSE 0 END)
  FROM head h WHERE h.topic IN (SELECT readable(seek.group_name, seek.topics))
  ON CONFLICT ON CONSTRAINT consumer_pkey
  DO UPDATE SET position = excluded.position, attempts = 0, owner = NULL;
END $$;

-- Events that the group has not handled yet, those without a position included.
CREATE FUNCTION lag(group_name text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  behind bigint;
BEGIN
  PERFORM may_use(lag.group_name);
  SELECT coalesce(sum(h.position - c.position + (
    SELECT count(*) FROM incoming i WHERE i.topic = h.topic AND i.partition = h.partition
  )), 0) INTO behind
  FROM consumer c JOIN head h USING (topic, partition) WHERE c.group_name = lag.group_name;
  RETURN behind;
END $$;

-- Drops what is older than the topic's retention, a bounded number of rows at a time, from the low
-- end of each partition: the cost of finding nothing is one index probe per partition.
CREATE FUNCTION prune(row_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = bus, pg_temp AS $$
DECLARE
  old record;
  dropped bigint;
  total bigint := 0;
BEGIN
  PERFORM caller();
  IF NOT pg_try_advisory_xact_lock(hashtextextended('bus/prune', 0)) THEN
    RETURN 0;
  END IF;
  FOR old IN
    SELECT h.topic, h.partition, now() - t.retention AS before
    FROM head h JOIN topic t ON t.name = h.topic
  LOOP
    DELETE FROM event e USING (
      SELECT position FROM event
      WHERE topic = old.topic AND partition = old.partition ORDER BY position LIMIT row_limit
    ) AS low
    WHERE e.topic = old.topic AND e.partition = old.partition
      AND e.position = low.position AND e.sequenced_at < old.before;
    GET DIAGNOSTICS dropped = ROW_COUNT;
    total := total + dropped;
  END LOOP;
  RETURN total;
END $$;
