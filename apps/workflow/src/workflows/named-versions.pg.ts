import { err, isJsonObject, ok, type Json, type Result } from '@parley/kernel';
import { withTenant, type Pool, type PoolClient } from '@parley/postgres';
import type { RunnableVersion } from '../engine/engine.js';

/** What a definition calls itself under `document`. */
export interface DocumentName {
  readonly namespace: string;
  readonly name: string;
  /** A version of the document, or `latest`: the one in use. */
  readonly version: string;
}

interface Row {
  workflow_id: string;
  workflow_name: string;
  version: number;
  ir_hash: string;
}

/** Published versions by the names that definitions call each other by. */
export class NamedVersions {
  private readonly pool: Pool;

  /** @param pool of the role `workflow_app` */
  constructor(pool: Pool) {
    this.pool = pool;
  }

  /** The version that `{ namespace, name, version }` names, or why there is none. */
  async find(tenantId: string, wanted: Json): Promise<Result<RunnableVersion, string>> {
    const named = documentNameOf(wanted);
    if (named === undefined) {
      return err('"run.workflow" needs a namespace, a name and a version, which are texts.');
    }
    const found = await withTenant(this.pool, tenantId, (client) => versionNamed(client, named));
    if (found !== undefined) return ok(found);
    const { namespace, name, version } = named;
    return err(`No published workflow calls itself ${namespace}/${name} in version ${version}.`);
  }
}

/** Where several match, the one in use comes first, then what was published last. */
export async function versionNamed(
  client: PoolClient,
  { namespace, name, version }: DocumentName,
): Promise<RunnableVersion | undefined> {
  const { rows } = await client.query<Row>(
    `SELECT named.workflow_id, workflow.name AS workflow_name, named.version, named.ir_hash
     FROM workflow_version named JOIN workflow ON workflow.id = named.workflow_id
     LEFT JOIN workflow_tag live ON live.workflow_id = named.workflow_id AND live.tag = 'live'
       AND live.version = named.version
     WHERE named.namespace = $1 AND named.name = $2
       AND CASE WHEN $3 = 'latest' THEN live.tag IS NOT NULL ELSE named.document_version = $3 END
     ORDER BY (live.tag IS NOT NULL) DESC, named.created_at DESC LIMIT 1`,
    [namespace, name, version],
  );
  const [row] = rows;
  return (
    row && {
      workflowId: row.workflow_id,
      workflowName: row.workflow_name,
      version: row.version,
      irHash: row.ir_hash,
    }
  );
}

export function documentNameOf(value: Json): DocumentName | undefined {
  if (!isJsonObject(value)) return undefined;
  const { namespace, name, version } = value;
  return typeof namespace === 'string' && typeof name === 'string' && typeof version === 'string'
    ? { namespace, name, version }
    : undefined;
}
