-- Secrets that workflows name: sealed with the installation's key, together with the tenant, the name
-- and the hosts that the value may be sent to.
CREATE TABLE secret (
  tenant_id    text NOT NULL,
  name         text NOT NULL,
  hosts        text[] NOT NULL CHECK (cardinality(hosts) > 0),
  sealed       text NOT NULL,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  updated_at   timestamptz(3) NOT NULL DEFAULT now(),
  -- To the minute.
  last_used_at timestamptz(3),
  PRIMARY KEY (tenant_id, name)
);
SELECT tenant_table('secret');
