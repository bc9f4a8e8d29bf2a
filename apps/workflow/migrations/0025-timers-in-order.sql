-- The next timers after a place in each tenant's, read off the index. Without statistics, or with old ones,
-- the planner would rather sort all that are due: with a million of them every time a few are read.
CREATE FUNCTION timers_due(
  before timestamptz, most integer, partitions integer[],
  tenants text[], dues timestamptz[], runs text[], occurrences text[], generations integer[]
) RETURNS TABLE (tenant_id text, run_id text, occurrence text, generation integer, due_at timestamptz)
LANGUAGE plpgsql STABLE
SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT due.* FROM
    unnest(tenants, dues, runs, occurrences, generations)
      AS place(tenant_id, due_at, run_id, occurrence, generation)
    CROSS JOIN LATERAL (
      SELECT t.tenant_id, t.run_id, t.occurrence, t.generation, t.due_at FROM timer t
      WHERE t.tenant_id = place.tenant_id AND t.due_at <= before AND t.partition = ANY (partitions)
        AND (t.due_at, t.run_id) >= (place.due_at, place.run_id)
        AND (t.due_at, t.run_id, t.occurrence, t.generation)
          > (place.due_at, place.run_id, place.occurrence, place.generation)
      ORDER BY t.due_at, t.run_id, t.occurrence, t.generation LIMIT most) AS due;
END $$;

-- What a takeover goes on with, however many runs sleep.
CREATE INDEX run_busy ON run (partition, id)
  WHERE status IN ('pending', 'running', 'suspended', 'compensating');
