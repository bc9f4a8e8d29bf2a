-- As before, but with one insert for all events of a tenant: only the chain of hashes is made one by
-- one. What is there already, or comes twice, is left out first; the lock on the head keeps it so.
CREATE OR REPLACE FUNCTION append_events(
  tenants text[], ids text[], types text[], sources text[], subjects text[], times text[],
  data text[], digests text[]
) RETURNS void
LANGUAGE plpgsql
-- Roles that work by key have it off; two columns of one call are joined here.
SET enable_hashjoin = on AS $$
DECLARE
  tenant text;
  head event_head;
  item record;
  places bigint[];
  hashes text[];
BEGIN
  FOR tenant IN SELECT DISTINCT t FROM unnest(tenants) AS t ORDER BY t LOOP
    INSERT INTO event_head VALUES (tenant, 0, '') ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM event_head h WHERE h.tenant_id = tenant FOR UPDATE;
    places := '{}';
    hashes := '{}';
    -- Planned anew each time: a plan that is kept may be one for the table as it was when it was empty.
    FOR item IN EXECUTE
      'SELECT fresh.n, fresh.digest FROM (
         SELECT DISTINCT ON (e.id) e.id, e.n, e.digest
         FROM unnest($2, $3, $4) WITH ORDINALITY AS e(tenant_id, id, digest, n)
         WHERE e.tenant_id = $1 ORDER BY e.id, e.n
       ) AS fresh
       WHERE (SELECT v.position FROM event v WHERE v.tenant_id = $1 AND v.id = fresh.id) IS NULL
       ORDER BY fresh.n'
      USING tenant, tenants, ids, digests
    LOOP
      head.position := head.position + 1;
      head.hash := encode(sha256(convert_to(
        head.hash || '/' || head.position || '/' || item.digest, 'UTF8')), 'hex');
      places := places || item.n;
      hashes := hashes || head.hash;
    END LOOP;
    INSERT INTO event (tenant_id, position, id, type, source, subject, time, data, hash)
    SELECT tenant, head.position - cardinality(hashes) + f.k, e.id, e.type, e.source, e.subject,
      e.time, e.data::json, f.hash
    FROM unnest(places, hashes) WITH ORDINALITY AS f(n, hash, k)
    JOIN unnest(ids, types, sources, subjects, times, data)
      WITH ORDINALITY AS e(id, type, source, subject, time, data, n) USING (n)
    ORDER BY f.k;
    UPDATE event_head h SET position = head.position, hash = head.hash WHERE h.tenant_id = tenant;
  END LOOP;
END $$;
