-- The next open runs after a place, read off the index. Without statistics, or with old ones, the
-- planner would rather sort all of them: with a million asleep every time a few are looked at.
CREATE FUNCTION live_runs(
  after_partition integer, after_id text, partitions integer[], most integer
) RETURNS TABLE (id text, "partition" integer)
LANGUAGE plpgsql STABLE
SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT r.id, r.partition FROM run r
    WHERE r.status IN ('pending', 'running', 'waiting', 'suspended', 'compensating')
      AND (r.partition, r.id) > (after_partition, after_id) AND r.partition = ANY (partitions)
    ORDER BY r.partition, r.id LIMIT most;
END $$;
