import { Inject, Injectable } from '@nestjs/common';
import type { ConnectorOperation } from '@parley/connectors';
import type { Catalogue, CatalogueConnector, Operation } from '@parley/contracts';
import { decodePayload } from '../engine/codec.js';
import { ConnectorsDb, type Tx } from './connectors-db.js';

/** Catalogues and documents kept in memory; both are read again when they are needed. */
const tenantsMax = 50;
const documentOperationsMax = 10_000;

/** What a tenant's workflows may call. Built once per change of its connectors. */
@Injectable()
export class Catalogues {
  private readonly byTenant = new Map<string, { version: bigint; catalogue: Catalogue }>();
  /** Documents never change, so what was read once stays right. */
  private readonly documents = new Map<string, ConnectorOperation[]>();

  constructor(@Inject(ConnectorsDb) private readonly db: ConnectorsDb) {}

  of(tenantId: string): Promise<Catalogue> {
    return this.db.withTenant(tenantId, async (tx) => {
      const row = await tx.connectorCatalogue.findUnique({ where: { tenantId } });
      if (!row) return { connectors: [] };
      const known = this.byTenant.get(tenantId);
      if (known?.version === row.version) return known.catalogue;
      const catalogue = await this.build(tx, tenantId);
      this.byTenant.delete(tenantId);
      this.byTenant.set(tenantId, { version: row.version, catalogue });
      dropOldest(this.byTenant, () => this.byTenant.size > tenantsMax);
      return catalogue;
    });
  }

  async ofConnector(
    tx: Tx,
    connector: { tenantId: string; name: string; title: string; description: string | null } & {
      documentHash: string;
    },
  ): Promise<CatalogueConnector> {
    const operations = await this.operationsOf(tx, connector);
    return {
      name: connector.name,
      title: connector.title,
      ...(connector.description === null ? {} : { description: connector.description }),
      documentHash: connector.documentHash,
      operations: operations.map(published),
    };
  }

  /** The operations of a document; undefined when this tenant has never imported it. */
  async operations(
    tenantId: string,
    hash: string,
    read: () => Promise<Uint8Array | undefined>,
  ): Promise<ConnectorOperation[] | undefined> {
    const key = `${tenantId} ${hash}`;
    const known = this.documents.get(key);
    if (known !== undefined) return known;
    const stored = await read();
    if (stored === undefined) return undefined;
    const operations = decodePayload<ConnectorOperation[]>(Buffer.from(stored));
    this.keepDocument(key, operations);
    return operations;
  }

  /** The operations that a connector has now. */
  async operationsOf(
    tx: Tx,
    { tenantId, documentHash: hash }: { tenantId: string; documentHash: string },
  ): Promise<ConnectorOperation[]> {
    const operations = await this.operations(tenantId, hash, async () => {
      const row = await tx.connectorDocument.findUnique({
        where: { tenantId_hash: { tenantId, hash } },
        select: { operations: true },
      });
      return row?.operations;
    });
    return operations ?? [];
  }

  /** To be called first in a transaction that changes connectors: the next one waits for it. */
  async changed(tx: Tx, tenantId: string): Promise<void> {
    await tx.connectorCatalogue.upsert({
      where: { tenantId },
      create: { tenantId, version: 1n },
      update: { version: { increment: 1n } },
    });
  }

  private keepDocument(key: string, operations: ConnectorOperation[]): void {
    this.documents.set(key, operations);
    const count = () => [...this.documents.values()].reduce((sum, { length }) => sum + length, 0);
    dropOldest(this.documents, () => this.documents.size > 1 && count() > documentOperationsMax);
  }

  private async build(tx: Tx, tenantId: string): Promise<Catalogue> {
    const rows = await tx.connector.findMany({ where: { tenantId }, orderBy: { name: 'asc' } });
    const connectors: CatalogueConnector[] = [];
    for (const row of rows) connectors.push(await this.ofConnector(tx, row));
    return { connectors };
  }
}

/** An operation without how its parameters are written, which concerns calls alone. */
function published({ parameters, ...operation }: ConnectorOperation): Operation {
  return {
    ...operation,
    parameters: parameters.map(({ name, in: place, required, description, schema }) => ({
      name,
      in: place,
      required,
      ...(description === undefined ? {} : { description }),
      schema,
    })),
  };
}

/** Drops entries, the oldest first, while there are too many. */
function dropOldest(map: Map<string, unknown>, isTooLarge: () => boolean): void {
  for (const key of [...map.keys()]) {
    if (!isTooLarge()) return;
    map.delete(key);
  }
}
