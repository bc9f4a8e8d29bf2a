-- What every service schema starts with. Runs as the schema's owner.
--
-- A new table can be read by nobody but the owner. A migration says who may, with one of:
--   SELECT tenant_table('draft');                    the app role, one tenant at a time
--   SELECT tenant_table('draft', system => true);    … and the system role, every tenant
--   SELECT system_table('journal');                  the system role alone
--   SELECT shared_table('currency');                 both roles; rows that belong to no tenant
-- The migration runner refuses a migration that leaves a table undeclared.

CREATE TABLE declared_table (
  name text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('owner', 'tenant', 'tenant+system', 'system', 'shared'))
);
INSERT INTO declared_table VALUES ('declared_table', 'owner'), ('schema_migration', 'owner');

CREATE FUNCTION declare_table(target regclass, kind text) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO declared_table
  SELECT relname, kind FROM pg_class WHERE oid = target
  ON CONFLICT (name) DO UPDATE SET kind = excluded.kind
$$;

-- Rows are seen only where tenant_id is the transaction's `parley.tenant_id`; unset, or the empty
-- text that a local setting leaves behind, sees nothing. FORCE binds the owner too: a migration that
-- must rewrite rows of every tenant sets NO FORCE before and FORCE after, in the same file.
CREATE FUNCTION tenant_table(target regclass, system boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  app text := current_schema() || '_app';
  system_role text := current_schema() || '_system';
  own_rows text := 'tenant_id = (SELECT nullif(current_setting(''parley.tenant_id'', true), ''''))';
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('DROP POLICY IF EXISTS tenant_rows ON %s', target);
  EXECUTE format('DROP POLICY IF EXISTS system_rows ON %s', target);
  EXECUTE format('REVOKE ALL ON %s FROM %I, %I', target, app, system_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', target, app);
  EXECUTE format('CREATE POLICY tenant_rows ON %s TO %I USING (%s) WITH CHECK (%s)',
    target, app, own_rows, own_rows);
  IF system THEN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', target, system_role);
    EXECUTE format('CREATE POLICY system_rows ON %s TO %I USING (true) WITH CHECK (true)',
      target, system_role);
  END IF;
  PERFORM declare_table(target, CASE WHEN system THEN 'tenant+system' ELSE 'tenant' END);
END $$;

CREATE FUNCTION system_table(target regclass) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  app text := current_schema() || '_app';
  system_role text := current_schema() || '_system';
BEGIN
  EXECUTE format('REVOKE ALL ON %s FROM %I', target, app);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', target, system_role);
  PERFORM declare_table(target, 'system');
END $$;

CREATE FUNCTION shared_table(target regclass) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  app text := current_schema() || '_app';
  system_role text := current_schema() || '_system';
BEGIN
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I, %I', target, app, system_role);
  PERFORM declare_table(target, 'shared');
END $$;
