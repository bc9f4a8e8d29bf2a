-- Event by event again, as 0003 has it: the plan of a query that looks for events that are there already
-- is kept for as long as the session lives, and one that was made when the table had a page reads all
-- rows of the tenant for ever after. ON CONFLICT always goes by its index.
CREATE OR REPLACE FUNCTION append_events(
  tenants text[], ids text[], types text[], sources text[], subjects text[], times text[],
  data text[], digests text[]
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  tenant text;
  item record;
  head event_head;
  next_hash text;
BEGIN
  FOR tenant IN SELECT DISTINCT t FROM unnest(tenants) AS t ORDER BY t LOOP
    INSERT INTO event_head VALUES (tenant, 0, '') ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM event_head h WHERE h.tenant_id = tenant FOR UPDATE;
    FOR item IN
      SELECT * FROM unnest(tenants, ids, types, sources, subjects, times, data, digests)
        WITH ORDINALITY AS e(tenant_id, id, type, source, subject, time, data, digest, n)
      WHERE e.tenant_id = tenant ORDER BY e.n
    LOOP
      next_hash := encode(sha256(convert_to(
        head.hash || '/' || (head.position + 1) || '/' || item.digest, 'UTF8')), 'hex');
      INSERT INTO event (tenant_id, position, id, type, source, subject, time, data, hash) VALUES (
        tenant, head.position + 1, item.id, item.type, item.source, item.subject, item.time,
        item.data::json, next_hash)
      ON CONFLICT (tenant_id, id) DO NOTHING;
      IF FOUND THEN
        head.position := head.position + 1;
        head.hash := next_hash;
      END IF;
    END LOOP;
    UPDATE event_head h SET position = head.position, hash = head.hash WHERE h.tenant_id = tenant;
  END LOOP;
END $$;
