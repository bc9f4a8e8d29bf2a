import { secretChanged, SecretName, type Secret, type SetSecret } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { eventFacts, type Context } from '@parley/nest-kit';
import { appendOutbox, withTenant, type Pool, type PoolClient } from '@parley/postgres';
import type { CredentialVault } from '../connectors/credential-vault.js';

/** A secret, opened for one call. */
export interface OpenSecret {
  readonly name: string;
  readonly value: string;
  /** As `host` of a URL has it. */
  readonly hosts: readonly string[];
}

export interface SecretStoreOptions {
  /** Of the role `workflow_app`. */
  readonly pool: Pool;
  readonly vault: CredentialVault;
  /** Told after each change. */
  readonly changed: () => void;
}

/** The secrets of tenants. Only `open` gives a value, and only calls that leave ask for it. */
export class SecretStore {
  private readonly options: SecretStoreOptions;

  constructor(options: SecretStoreOptions) {
    this.options = options;
  }

  async list(tenantId: string, page: { after?: string; limit: number }): Promise<Secret[]> {
    return withTenant(this.options.pool, tenantId, async (client) => {
      const { rows } = await client.query<Columns>(
        `SELECT ${columns} FROM secret WHERE $1::text IS NULL OR name > $1 COLLATE "C"
         ORDER BY name COLLATE "C" LIMIT $2`,
        [page.after ?? null, page.limit],
      );
      return rows.map(viewOf);
    });
  }

  /** @throws AppError `invalid` */
  async set(caller: Context, name: string, { value, hosts: given }: SetSecret): Promise<Secret> {
    if (!SecretName.safeParse(name).success) throw badName();
    const hosts = [...new Set(given.map(hostOf))].sort();
    const { tenantId } = caller;
    const sealed = this.options.vault.sealText(value, placeOf(tenantId, name, hosts));
    const secret = await withTenant(this.options.pool, tenantId, async (client) => {
      const { rows } = await client.query<Columns>(
        `INSERT INTO secret (tenant_id, name, hosts, sealed) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, name) DO UPDATE
           SET hosts = excluded.hosts, sealed = excluded.sealed, updated_at = now()
         RETURNING ${columns}`,
        [tenantId, name, hosts, sealed],
      );
      await tell(client, caller, { name, change: 'set', hosts });
      return rows.map(viewOf)[0];
    });
    this.options.changed();
    if (secret === undefined) throw new AppError('internal', 'the secret was not stored');
    return secret;
  }

  /** @throws AppError `not-found` */
  async delete(caller: Context, name: string): Promise<void> {
    await withTenant(this.options.pool, caller.tenantId, async (client) => {
      const { rows } = await client.query<{ hosts: string[] }>(
        'DELETE FROM secret WHERE name = $1 RETURNING hosts',
        [name],
      );
      const [gone] = rows;
      if (gone === undefined) throw new AppError('not-found', 'There is no secret of this name.');
      await tell(client, caller, { name, change: 'deleted', hosts: gone.hosts });
    });
    this.options.changed();
  }

  /** For a call that is about to leave. */
  async open(tenantId: string, name: string): Promise<OpenSecret | undefined> {
    return withTenant(this.options.pool, tenantId, async (client) => {
      const { rows } = await client.query<{ hosts: string[]; sealed: string }>(
        'SELECT hosts, sealed FROM secret WHERE name = $1',
        [name],
      );
      const [row] = rows;
      if (row === undefined) return undefined;
      await client.query(
        `UPDATE secret SET last_used_at = now() WHERE name = $1
           AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
        [name],
      );
      const { hosts, sealed } = row;
      const value = this.options.vault.openText(sealed, placeOf(tenantId, name, hosts));
      return { name, value, hosts };
    });
  }
}

/** Of these names, those that no secret of the tenant has. */
export async function missingSecrets(
  client: PoolClient,
  names: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM secret WHERE name = ANY($1)',
    [names],
  );
  const known = new Set(rows.map(({ name }) => name));
  return names.filter((name) => !known.has(name));
}

interface Columns {
  name: string;
  hosts: string[];
  created_at: Date;
  updated_at: Date;
  last_used_at: Date | null;
}

const columns = 'name, hosts, created_at, updated_at, last_used_at';

function viewOf(row: Columns): Secret {
  return {
    name: row.name,
    hosts: row.hosts,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at.toISOString() }),
  };
}

/** Whoever changes the hosts of a row, or moves its value to another, has a value that does not open. */
function placeOf(tenantId: string, name: string, hosts: readonly string[]) {
  return { what: `secret ${name}`, boundTo: ['secret', tenantId, name, ...hosts] };
}

function hostOf(given: string): string {
  const url = `https://${given}`;
  if (!URL.canParse(url)) {
    const message = `${given} is no host: write api.example.com, or api.example.com:8443.`;
    throw new AppError('invalid', message, { errors: [{ pointer: '/hosts', message }] });
  }
  return new URL(url).host;
}

function badName(): AppError {
  return new AppError(
    'invalid',
    'The name of a secret begins with a letter and has at most 63 letters, digits, "_" and "-".',
  );
}

async function tell(
  client: PoolClient,
  { tenantId, principal }: Context,
  data: { name: string; change: 'set' | 'deleted'; hosts: string[] },
): Promise<void> {
  const envelope = secretChanged.create(
    { ...data, by: principal },
    eventFacts(tenantId, data.name),
  );
  await appendOutbox(client, [{ envelope }]);
}
