-- What every start asks for, in one round trip: the tenant is set for this statement alone, and its
-- rows are all that the caller can see.
CREATE FUNCTION runnable_version(tenant text, workflow text, tag_name text, number integer)
RETURNS TABLE (
  workflow_id text, workflow_name text, version integer, ir_hash text, input_schema json
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('parley.tenant_id', tenant, true);
  RETURN QUERY
  SELECT v.workflow_id, w.name, v.version, v.ir_hash, v.input_schema
  FROM workflow_version v JOIN workflow w ON w.id = v.workflow_id
  WHERE v.workflow_id = workflow AND v.version = coalesce(number, (
    SELECT t.version FROM workflow_tag t WHERE t.workflow_id = workflow AND t.tag = tag_name));
END $$;
