import { Inject, Injectable } from '@nestjs/common';
import type { ConnectorOperation } from '@parley/connectors';
import { APP_POOL } from '@parley/nest-kit';
import { type Pool, withTenant } from '@parley/postgres';
import { Catalogues } from '../connectors/catalogues.js';
import type { StoredScheme } from '../connectors/connector-view.js';
import { ConnectorsDb } from '../connectors/connectors-db.js';
import type { ConnectorTarget } from './connector-target.js';
import { waitingForDatabase } from './wait-for-database.js';

/** How long a change that another process made may go unnoticed. */
const keptMsMax = 1_000;
const entriesMax = 1_000;

export interface Pinned {
  readonly tenantId: string;
  readonly connector: string;
  readonly documentHash: string;
}

/** A connector as it is set up now, and the operations of the document that the run is pinned to. */
export interface PinnedConnector {
  readonly target: ConnectorTarget | undefined;
  readonly operations: readonly ConnectorOperation[] | undefined;
}

interface Entry {
  /** Itself once it is there. */
  found: PinnedConnector | Promise<PinnedConnector>;
  readonly readAtMs: number;
  readonly changes: number;
}

/** Reads connectors for calls; the calls of a busy second share one read. */
@Injectable()
export class ConnectorTargets {
  private readonly entries = new Map<string, Entry>();

  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    @Inject(ConnectorsDb) private readonly db: ConnectorsDb,
    @Inject(Catalogues) private readonly catalogues: Catalogues,
  ) {}

  /**
   * At once when it was read just now; waits out a database that is away.
   * @throws AppError `unavailable` after two minutes
   */
  find(pinned: Pinned, signal: AbortSignal): PinnedConnector | Promise<PinnedConnector> {
    const found = this.lookUp(pinned);
    if (!(found instanceof Promise)) return found;
    return waitingForDatabase(async () => this.lookUp(pinned), signal);
  }

  private lookUp(pinned: Pinned): PinnedConnector | Promise<PinnedConnector> {
    const key = `${pinned.tenantId} ${pinned.connector} ${pinned.documentHash}`;
    const known = this.entries.get(key);
    const now = performance.now();
    if (known && now - known.readAtMs < keptMsMax && known.changes === this.db.changes) {
      return known.found;
    }
    const found = this.read(pinned);
    const entry: Entry = { found, readAtMs: now, changes: this.db.changes };
    this.entries.delete(key);
    this.entries.set(key, entry);
    found.then(
      (connector) => (entry.found = connector),
      () => this.entries.delete(key),
    );
    const [oldest] = this.entries.keys();
    if (this.entries.size > entriesMax && oldest !== undefined) this.entries.delete(oldest);
    return found;
  }

  private read({ tenantId, connector, documentHash }: Pinned): Promise<PinnedConnector> {
    return withTenant(this.pool, tenantId, async (client) => {
      const { rows } = await client.query<ConnectorColumns>(connectorSql, [tenantId, connector]);
      const operations = await this.catalogues.operations(tenantId, documentHash, async () => {
        const found = await client.query<{ operations: Buffer }>(documentSql, [
          tenantId,
          documentHash,
        ]);
        return found.rows[0]?.operations;
      });
      return { target: rows[0] && targetOf(tenantId, rows[0]), operations };
    });
  }
}

interface ConnectorColumns {
  id: string;
  name: string;
  base_url: string | null;
  security_schemes: StoredScheme[];
  addresses: { host: string; port: number }[];
  credentials: { scheme: string; origin: string; sealed: string }[];
}

const connectorSql = `SELECT id, name, base_url, security_schemes,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('host', host, 'port', port)), '[]')
     FROM connector_address WHERE tenant_id = $1 AND connector_id = connector.id) AS addresses,
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
       'scheme', scheme, 'origin', origin, 'sealed', sealed)), '[]')
     FROM connector_credential WHERE tenant_id = $1 AND connector_id = connector.id) AS credentials
  FROM connector WHERE tenant_id = $1 AND name = $2`;

const documentSql = `SELECT operations FROM connector_document WHERE tenant_id = $1 AND hash = $2`;

function targetOf(tenantId: string, row: ConnectorColumns): ConnectorTarget {
  return {
    tenantId,
    id: row.id,
    name: row.name,
    baseUrl: row.base_url ?? undefined,
    approvals: row.addresses,
    schemes: row.security_schemes,
    sealed: row.credentials,
  };
}
