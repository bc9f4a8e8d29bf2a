-- The same in few statements: hashes are chained row by row, everything else is done for all events of
-- a tenant at once. An event that is there already, or twice in one call, is appended once.
CREATE OR REPLACE FUNCTION append_events(
  tenants text[], ids text[], types text[], sources text[], subjects text[], times text[],
  data text[], digests text[]
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  tenant text;
  item record;
  head event_head;
  base bigint;
  fresh bigint[];
  hashes text[];
BEGIN
  FOR tenant IN SELECT DISTINCT t FROM unnest(tenants) AS t ORDER BY t LOOP
    INSERT INTO event_head VALUES (tenant, 0, '') ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM event_head h WHERE h.tenant_id = tenant FOR UPDATE;
    base := head.position;
    fresh := '{}';
    hashes := '{}';
    FOR item IN
      SELECT first.n, first.digest FROM (
        SELECT DISTINCT ON (e.id) e.id, e.digest, e.n
        FROM unnest(tenants, ids, digests) WITH ORDINALITY AS e(tenant_id, id, digest, n)
        WHERE e.tenant_id = tenant ORDER BY e.id, e.n
      ) AS first
      WHERE NOT EXISTS (SELECT FROM event v WHERE v.tenant_id = tenant AND v.id = first.id)
      ORDER BY first.n
    LOOP
      head.position := head.position + 1;
      head.hash := encode(sha256(convert_to(
        head.hash || '/' || head.position || '/' || item.digest, 'UTF8')), 'hex');
      fresh := fresh || item.n;
      hashes := hashes || head.hash;
    END LOOP;
    INSERT INTO event (tenant_id, position, id, type, source, subject, time, data, hash)
    SELECT tenant, base + f.place, e.id, e.type, e.source, e.subject, e.time, e.data::json, f.hash
    FROM unnest(fresh, hashes) WITH ORDINALITY AS f(n, hash, place)
    JOIN unnest(ids, types, sources, subjects, times, data)
      WITH ORDINALITY AS e(id, type, source, subject, time, data, n) USING (n)
    ORDER BY f.place;
    UPDATE event_head h SET position = head.position, hash = head.hash WHERE h.tenant_id = tenant;
  END LOOP;
END $$;
