import { Inject, Injectable } from '@nestjs/common';
import type { ConnectorOperation } from '@parley/connectors';
import { Catalogues } from '../connectors/catalogues.js';
import { withSettings } from '../connectors/connector-view.js';
import { ConnectorsDb } from '../connectors/connectors-db.js';
import { targetOf, type ConnectorTarget } from './connector-target.js';

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
  readonly found: Promise<PinnedConnector>;
  readonly readAtMs: number;
  readonly changes: number;
}

/** Reads connectors for calls; the calls of a busy second share one read. */
@Injectable()
export class ConnectorTargets {
  private readonly entries = new Map<string, Entry>();

  constructor(
    @Inject(ConnectorsDb) private readonly db: ConnectorsDb,
    @Inject(Catalogues) private readonly catalogues: Catalogues,
  ) {}

  find(pinned: Pinned): Promise<PinnedConnector> {
    const key = `${pinned.tenantId} ${pinned.connector} ${pinned.documentHash}`;
    const known = this.entries.get(key);
    const now = performance.now();
    if (known && now - known.readAtMs < keptMsMax && known.changes === this.db.changes) {
      return known.found;
    }
    const found = this.read(pinned);
    this.entries.delete(key);
    this.entries.set(key, { found, readAtMs: now, changes: this.db.changes });
    found.catch(() => this.entries.delete(key));
    const [oldest] = this.entries.keys();
    if (this.entries.size > entriesMax && oldest !== undefined) this.entries.delete(oldest);
    return found;
  }

  private read({ tenantId, connector, documentHash }: Pinned): Promise<PinnedConnector> {
    return this.db.withTenant(tenantId, async (tx) => {
      const row = await tx.connector.findUnique({
        where: { tenantId_name: { tenantId, name: connector } },
        include: withSettings,
      });
      const operations = await this.catalogues.operations(tx, tenantId, documentHash);
      return { target: row === null ? undefined : targetOf(row), operations };
    });
  }
}
