import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { ConnectorOperation, ImportedConnector } from '@parley/connectors';
import { connectorConfigured, connectorImported, type Connector } from '@parley/contracts';
import { AppError, makeId, type Id } from '@parley/kernel';
import { eventFacts, type Context } from '@parley/nest-kit';
import { appendOutbox } from '@parley/postgres';
import { encodePayload } from '../engine/codec.js';
import type { Prisma } from '../generated/prisma/client.js';
import { Catalogues } from './catalogues.js';
import { ConnectorsDb, type Tx } from './connectors-db.js';
import { type StoredScheme, viewOf, withSettings } from './connector-view.js';

const connectorsPerTenantMax = 200;

/** One document that has been read, and where its calls go if that is decided. */
export interface Import {
  readonly text: string;
  readonly read: ImportedConnector;
  readonly sourceUrl?: string;
  /** Replaces the base URL; otherwise the one in use stays. */
  readonly baseUrl?: string;
}

/** What else happens to a connector in the transaction of its import. */
export type Afterwards = (tx: Tx, connector: { id: string; name: string }) => Promise<void>;

/** Stores documents as connectors: by name, all of them or none. */
@Injectable()
export class ConnectorImporter {
  constructor(
    @Inject(ConnectorsDb) private readonly db: ConnectorsDb,
    @Inject(Catalogues) private readonly catalogues: Catalogues,
  ) {}

  /** Base URL, credentials and approvals of a connector that is imported again stay as they are. */
  async store(
    caller: Context,
    imports: readonly Import[],
    afterwards?: Afterwards,
  ): Promise<Connector[]> {
    const { tenantId } = caller;
    const stored = await this.db.change(tenantId, async (tx) => {
      await this.catalogues.changed(tx, tenantId);
      const ids: string[] = [];
      for (const one of imports) ids.push(await storeOne(tx, caller, one));
      await demandRoom(tx, tenantId);
      for (const [index, id] of ids.entries()) {
        await afterwards?.(tx, { id, name: imports[index]?.read.name ?? '' });
      }
      const rows = await tx.connector.findMany({
        where: { tenantId, id: { in: ids } },
        include: withSettings,
      });
      return ids.flatMap((id) => rows.filter((row) => row.id === id));
    });
    return stored.map(viewOf);
  }

  /** Titles of the connectors that have one of these names, by name. */
  async titles(tenantId: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.db.withTenant(tenantId, (tx) =>
      tx.connector.findMany({ where: { tenantId, name: { in: [...names] } } }),
    );
    return new Map(rows.map(({ name, title }) => [name, title]));
  }
}

async function demandRoom(tx: Tx, tenantId: string): Promise<void> {
  if ((await tx.connector.count({ where: { tenantId } })) <= connectorsPerTenantMax) return;
  throw new AppError(
    'conflict',
    `A tenant may have ${connectorsPerTenantMax} connectors; remove one that is not used.`,
  );
}

async function storeOne(
  tx: Tx,
  caller: Context,
  { text, read, ...given }: Import,
): Promise<string> {
  const { tenantId } = caller;
  const now = new Date();
  await tx.connectorDocument.createMany({
    data: {
      tenantId,
      hash: read.documentHash,
      source: bytes(encodePayload(text)),
      operations: bytes(encodePayload(read.operations)),
      createdAt: now,
    },
    skipDuplicates: true,
  });
  const key = { tenantId_name: { tenantId, name: read.name } };
  const before = await tx.connector.findUnique({ where: key, select: { id: true, baseUrl: true } });
  const id = before?.id ?? makeId('connector', now.getTime(), randomBytes);
  const baseUrl = given.baseUrl ?? before?.baseUrl ?? read.baseUrl ?? null;
  const columns = {
    ...columnsOf(read),
    sourceUrl: given.sourceUrl ?? null,
    baseUrl,
    updatedAt: now,
  };
  await tx.connector.upsert({
    where: key,
    create: { tenantId, id, name: read.name, createdAt: now, ...columns },
    update: columns,
  });
  const facts = { connectorId: id as Id<'connector'>, name: read.name, by: caller.principal };
  const envelope = connectorImported.create(
    { ...facts, documentHash: read.documentHash },
    eventFacts(caller.tenantId, id, now.getTime()),
  );
  await appendOutbox(tx, [{ envelope }]);
  return id;
}

function columnsOf(read: ImportedConnector) {
  const [question, ...others] = read.openQuestions;
  const isServerQuestion = read.baseUrl === undefined && question !== undefined;
  const openQuestions = isServerQuestion
    ? { server: question, others }
    : { others: read.openQuestions };
  return {
    title: read.title,
    description: read.description ?? null,
    version: read.version,
    documentHash: read.documentHash,
    servers: json(read.servers),
    securitySchemes: json(schemesOf(read)),
    openQuestions: json(openQuestions),
    notices: json(read.notices),
    operationCount: read.operations.length,
  };
}

function schemesOf({ securitySchemes, operations }: ImportedConnector): StoredScheme[] {
  return securitySchemes.map((scheme) => ({
    ...scheme,
    neededBy: operations.filter((operation) => needs(operation, scheme.name)).length,
  }));
}

function needs({ security }: ConnectorOperation, scheme: string): boolean {
  return security.length > 0 && security.every((names) => names.includes(scheme));
}

/** Tells that a connector was changed, without what was given. */
export async function tellConfigured(
  tx: Tx,
  caller: Context,
  told: {
    connector: { id: string; name: string };
    change: 'base-url' | 'credential' | 'address-approved' | 'removed';
    detail?: string;
  },
): Promise<void> {
  const { id, name } = told.connector;
  const envelope = connectorConfigured.create(
    {
      connectorId: id,
      name,
      by: caller.principal,
      change: told.change,
      ...(told.detail === undefined ? {} : { detail: told.detail }),
    },
    eventFacts(caller.tenantId, id),
  );
  await appendOutbox(tx, [{ envelope }]);
}

/** The connector with this id or name. @throws AppError `not-found` */
export async function findConnector(tx: Tx, tenantId: string, idOrName: string) {
  const row = await tx.connector.findFirst({
    where: { tenantId, OR: [{ id: idOrName }, { name: idOrName }] },
    include: withSettings,
  });
  if (row) return row;
  throw new AppError(
    'not-found',
    `There is no connector ${JSON.stringify(idOrName.slice(0, 80))}.`,
  );
}

function json(value: unknown): Prisma.InputJsonValue {
  return value as Prisma.InputJsonValue;
}

function bytes(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(buffer);
}
