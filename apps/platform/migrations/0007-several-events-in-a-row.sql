-- Events that came together about one thing share a row: their subjects are the same up to the last
-- dot. A row is its last event, with those directly before it in `earlier`: seven texts each, which are
-- id, type, source, subject, time, data and hash. Position, hash and chain are those of each event, as
-- they always were. A row from before this has NULL there.
ALTER TABLE event ADD COLUMN earlier text[];

-- What the stream holds of the bus: of each partition everything up to the position. What comes again
-- is known by that, whatever its id, so ids need no index. Rows from before this are found by theirs.
CREATE TABLE event_taken (
  topic text NOT NULL,
  partition integer NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);
SELECT system_table('event_taken');

CREATE INDEX event_before ON event (tenant_id, id) WHERE earlier IS NULL;
DROP INDEX event_id;

-- Until when events were taken without that; no row where there were none.
CREATE TABLE event_taken_since (at timestamptz NOT NULL);
SELECT system_table('event_taken_since');
INSERT INTO event_taken_since SELECT now() WHERE EXISTS (SELECT FROM event_head);

-- A process that is older than this would take events again. It hears that the database is away, and
-- waits until it is replaced.
CREATE OR REPLACE FUNCTION append_events(
  tenants text[], ids text[], types text[], sources text[], subjects text[], times text[],
  data text[], digests text[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a newer version keeps the audit stream' USING ERRCODE = '57P03';
END $$;

-- Appends rows that were made for streams, and for a bus, that are as the caller knows them, and moves
-- both on. Answers false, and does nothing, when somebody else was there before: then they are others.
-- Rows are locked in one order, so that two callers wait for each other and cannot deadlock.
CREATE FUNCTION append_rows(
  topics text[], partitions integer[], taken bigint[], reached bigint[],
  tenants text[], positions bigint[], hashes text[], next_positions bigint[], next_hashes text[],
  row_tenants text[], row_positions bigint[], ids text[], types text[], sources text[],
  subjects text[], times text[], data text[], row_hashes text[], earlier text[]
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  found_rows bigint;
BEGIN
  PERFORM FROM event_taken t
    JOIN unnest(topics, partitions, taken) AS w(topic, partition, position)
      ON t.topic = w.topic AND t.partition = w.partition AND t.position = w.position
  ORDER BY t.topic, t.partition FOR UPDATE OF t;
  GET DIAGNOSTICS found_rows = ROW_COUNT;
  IF found_rows <> cardinality(topics) THEN
    RETURN false;
  END IF;
  PERFORM FROM event_head h
    JOIN unnest(tenants, positions, hashes) AS w(tenant_id, position, hash)
      ON h.tenant_id = w.tenant_id AND h.position = w.position AND h.hash = w.hash
  ORDER BY h.tenant_id FOR UPDATE OF h;
  GET DIAGNOSTICS found_rows = ROW_COUNT;
  IF found_rows <> cardinality(tenants) THEN
    RETURN false;
  END IF;
  INSERT INTO event (
    tenant_id, position, id, type, source, subject, time, data, hash, earlier)
  SELECT e.tenant_id, e.position, e.id, e.type, e.source, e.subject, e.time, e.data::json, e.hash,
    string_to_array(e.earlier, E'\x1f')
  FROM unnest(row_tenants, row_positions, ids, types, sources, subjects, times, data, row_hashes, earlier)
    AS e(tenant_id, position, id, type, source, subject, time, data, hash, earlier);
  UPDATE event_head h SET position = w.position, hash = w.hash
  FROM unnest(tenants, next_positions, next_hashes) AS w(tenant_id, position, hash)
  WHERE h.tenant_id = w.tenant_id;
  UPDATE event_taken t SET position = w.position
  FROM unnest(topics, partitions, reached) AS w(topic, partition, position)
  WHERE t.topic = w.topic AND t.partition = w.partition;
  RETURN true;
END $$;
