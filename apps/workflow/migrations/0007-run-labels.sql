-- What runs can be found by: tags (a name), and search attributes (a name and a typed value). Written
-- only for runs that have some, so that all others cost nothing.
CREATE TABLE run_label (
  run_id    text NOT NULL,
  tenant_id text NOT NULL,
  is_tag    boolean NOT NULL,
  name      text NOT NULL,
  -- tag, text, number, boolean, time
  kind      text NOT NULL,
  value     text NOT NULL,
  -- Numbers, and times in milliseconds: what ranges are compared by.
  number    double precision,
  PRIMARY KEY (run_id, is_tag, name)
);
CREATE INDEX run_label_value ON run_label (tenant_id, is_tag, name, value, run_id DESC);
CREATE INDEX run_label_number ON run_label (tenant_id, name, number, run_id DESC)
  WHERE number IS NOT NULL;

-- Failed runs are looked for by their error, and are few among all.
CREATE INDEX run_failed ON run (tenant_id, id DESC) WHERE status = 'failed';

SELECT tenant_table('run_label', system => true);
REVOKE INSERT, UPDATE, DELETE ON run_label FROM workflow_app;
