-- The audit stream: every event of a tenant in the order in which it arrived, each chained to the one
-- before by its hash. It only grows: no role may change or remove a row, the owner included.
CREATE TABLE event (
  tenant_id text NOT NULL,
  position bigint NOT NULL,
  id text NOT NULL,
  type text NOT NULL,
  source text NOT NULL,
  subject text NOT NULL,
  time text NOT NULL,
  data json NOT NULL,
  hash text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, position)
);
CREATE UNIQUE INDEX event_id ON event (tenant_id, id);
CREATE INDEX event_subject ON event (tenant_id, subject text_pattern_ops, position);
SELECT tenant_table('event', system => true);
REVOKE INSERT, UPDATE, DELETE ON event FROM platform_app;
REVOKE UPDATE, DELETE ON event FROM platform_system;

CREATE FUNCTION event_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit stream only grows' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER event_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON event
  FOR EACH STATEMENT EXECUTE FUNCTION event_only_grows();

-- The last event of each tenant; its row is the lock that makes positions contiguous.
CREATE TABLE event_head (
  tenant_id text PRIMARY KEY,
  position bigint NOT NULL,
  hash text NOT NULL
) WITH (fillfactor = 50);
SELECT system_table('event_head');

-- Appends an event and answers its position, or nothing when it is there already. `canonical` is the
-- text that the hash covers, besides the hash of the event before and the position.
CREATE FUNCTION append_event(tenant text, envelope json, canonical text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  head event_head;
BEGIN
  INSERT INTO event_head VALUES (tenant, 0, '') ON CONFLICT DO NOTHING;
  SELECT * INTO head FROM event_head h WHERE h.tenant_id = tenant FOR UPDATE;
  IF EXISTS (
    SELECT FROM event e WHERE e.tenant_id = tenant AND e.id = envelope ->> 'id'
  ) THEN
    RETURN NULL;
  END IF;
  head.position := head.position + 1;
  head.hash := encode(
    sha256(convert_to(head.hash || '/' || head.position || '/' || canonical, 'UTF8')), 'hex');
  INSERT INTO event (tenant_id, position, id, type, source, subject, time, data, hash) VALUES (
    tenant, head.position, envelope ->> 'id', envelope ->> 'type', envelope ->> 'source',
    envelope ->> 'subject', envelope ->> 'time', envelope -> 'data', head.hash);
  UPDATE event_head h SET position = head.position, hash = head.hash WHERE h.tenant_id = tenant;
  RETURN head.position;
END $$;
