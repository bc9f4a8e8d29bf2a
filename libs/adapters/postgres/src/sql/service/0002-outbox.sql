-- Events that wait for the relay. `event` is the envelope as text, so that every number keeps its
-- digits. Within a key, `version` is the order: the aggregate's version, or 0 throughout when
-- append_outbox keeps the order by itself. `id` alone is not an order between transactions.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  key text NOT NULL,
  version bigint NOT NULL,
  event text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE INDEX outbox_order ON outbox (key, version, id);

SELECT system_table('outbox');

-- The app role adds events and can read none, not even its own.
DO $$ BEGIN
  EXECUTE format('GRANT INSERT ON outbox TO %I', current_schema() || '_app');
END $$;

-- Adds [{topic, key, version?, event}], given as JSON text. Without a version the key is locked
-- until commit, so that ids within the key are in the order of commits.
CREATE FUNCTION append_outbox(events text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  locked text;
  added integer;
BEGIN
  FOR locked IN
    SELECT DISTINCT e.key FROM json_to_recordset(events::json) AS e(key text, version bigint)
    WHERE e.version IS NULL ORDER BY e.key
  LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended(current_schema() || '/outbox/' || locked, 0));
  END LOOP;
  INSERT INTO outbox (topic, key, version, event)
  SELECT e.value ->> 'topic', e.value ->> 'key',
    coalesce((e.value ->> 'version')::bigint, 0), e.value ->> 'event'
  FROM json_array_elements(events::json) WITH ORDINALITY AS e(value, n)
  ORDER BY e.n;
  GET DIAGNOSTICS added = ROW_COUNT;
  RETURN added;
END $$;
