import { Inject, Injectable } from '@nestjs/common';
import {
  permissionsOf,
  type ConfigureConnector,
  type Connector,
  type SetCredential,
} from '@parley/contracts';
import { AppError } from '@parley/kernel';
import type { Context } from '@parley/nest-kit';
import { hostPort, Outbound, readUrl } from '@parley/outbound';
import { findConnector, tellConfigured } from './connector-importer.js';
import {
  addressOf,
  type ConnectorRow,
  kindOf,
  originOf,
  type StoredScheme,
  viewOf,
} from './connector-view.js';
import { ConnectorsDb, type Tx } from './connectors-db.js';
import { CredentialVault } from './credential-vault.js';

/** Base URL, approved address and credentials of connectors. */
@Injectable()
export class ConnectorSettings {
  constructor(
    @Inject(ConnectorsDb) private readonly db: ConnectorsDb,
    @Inject(Outbound) private readonly outbound: Outbound,
    @Inject(CredentialVault) private readonly vault: CredentialVault,
  ) {}

  async configure(caller: Context, name: string, wanted: ConfigureConnector): Promise<Connector> {
    const { tenantId } = caller;
    if (wanted.approveAddress !== undefined) demandAdmin(caller);
    const baseUrl = wanted.baseUrl === undefined ? undefined : cleanBaseUrl(wanted.baseUrl);
    const before = await this.db.withTenant(tenantId, (tx) => findConnector(tx, tenantId, name));
    const target = baseUrl ?? before.baseUrl;
    // Names are resolved here, outside of a transaction.
    if (baseUrl !== undefined || wanted.approveAddress === true)
      await this.demandApprovable(target);
    return this.db.change(tenantId, async (tx) => {
      const row = await findConnector(tx, tenantId, before.id);
      if (baseUrl !== undefined) await setBaseUrl(tx, caller, { row, baseUrl });
      else if (row.baseUrl !== before.baseUrl) throw movedMeanwhile();
      if (wanted.approveAddress !== undefined) {
        await setApproval(tx, caller, {
          row: { ...row, baseUrl: target },
          approve: wanted.approveAddress,
        });
      }
      return viewOf(await findConnector(tx, tenantId, row.id));
    });
  }

  async setCredential(
    caller: Context,
    at: { name: string; scheme: string },
    credential: SetCredential,
  ): Promise<void> {
    const { tenantId } = caller;
    await this.db.change(tenantId, async (tx) => {
      const row = await findConnector(tx, tenantId, at.name);
      const scheme = schemeOf(row, at.scheme);
      if (scheme.type !== credential.type) {
        const detail = `${scheme.name} takes ${kindOf(scheme)}, not a credential of type ${credential.type}.`;
        throw new AppError('invalid', detail, { errors: [{ pointer: '/type', message: detail }] });
      }
      await this.storeCredential(tx, caller, { row, scheme: scheme.name, credential });
    });
  }

  /** Seals a credential for the origin of the connector's base URL, inside a transaction. */
  async storeCredential(
    tx: Tx,
    caller: Context,
    given: { row: ConnectorRow; scheme: string; credential: SetCredential },
  ): Promise<void> {
    const { row, scheme } = given;
    const { tenantId, principal } = caller;
    const origin = originOf(row.baseUrl);
    if (origin === undefined) {
      throw new AppError(
        'invalid',
        'Choose the base URL first: a credential is only ever sent to the address that it was given for.',
      );
    }
    const place = { tenantId, connectorId: row.id, scheme, origin };
    const sealed = this.vault.seal(given.credential, place);
    const columns = { origin, sealed, setBy: principal, setAt: new Date() };
    await tx.connectorCredential.upsert({
      where: { tenantId_connectorId_scheme: { tenantId, connectorId: row.id, scheme } },
      create: { tenantId, connectorId: row.id, scheme, ...columns },
      update: columns,
    });
    const detail = `${scheme} was given for ${origin}`;
    await tellConfigured(tx, caller, { connector: row, change: 'credential', detail });
  }

  async deleteCredential(caller: Context, at: { name: string; scheme: string }): Promise<void> {
    const { tenantId } = caller;
    await this.db.change(tenantId, async (tx) => {
      const row = await findConnector(tx, tenantId, at.name);
      const { count } = await tx.connectorCredential.deleteMany({
        where: { tenantId, connectorId: row.id, scheme: at.scheme },
      });
      if (count === 0) {
        throw new AppError('not-found', `No credential ${at.scheme.slice(0, 80)} is stored.`);
      }
      const detail = `${at.scheme} was removed`;
      await tellConfigured(tx, caller, { connector: row, change: 'credential', detail });
    });
  }

  private async demandApprovable(baseUrl: string | null): Promise<void> {
    if (baseUrl === null) throw new AppError('invalid', 'Choose the base URL before its address.');
    const approvable = await this.outbound.guard.approvable(baseUrl);
    if (approvable.ok) return;
    throw new AppError('address-not-approved', approvable.error.message);
  }
}

/** Approves the address of the connector's base URL, inside a transaction. */
export async function setApproval(
  tx: Tx,
  caller: Context,
  { row, approve }: { row: ConnectorRow; approve: boolean },
): Promise<void> {
  const { tenantId, principal } = caller;
  const address = addressOf(row);
  if (address === undefined)
    throw new AppError('invalid', 'Choose the base URL before its address.');
  const key = { tenantId, connectorId: row.id, ...address };
  if (approve) {
    await tx.connectorAddress.upsert({
      where: { tenantId_connectorId_host_port: key },
      create: { ...key, approvedBy: principal, approvedAt: new Date() },
      update: {},
    });
  } else await tx.connectorAddress.deleteMany({ where: key });
  const detail = `${hostPort(address.host, address.port)}${approve ? '' : ' is no longer approved'}`;
  await tellConfigured(tx, caller, { connector: row, change: 'address-approved', detail });
}

async function setBaseUrl(
  tx: Tx,
  caller: Context,
  { row, baseUrl }: { row: ConnectorRow; baseUrl: string },
): Promise<void> {
  await tx.connector.update({
    where: { tenantId_id: { tenantId: caller.tenantId, id: row.id } },
    data: { baseUrl, updatedAt: new Date() },
  });
  await tellConfigured(tx, caller, { connector: row, change: 'base-url', detail: baseUrl });
}

/** The base URL as it is stored: no trailing slash, nothing that a path cannot be added to. */
function cleanBaseUrl(text: string): string {
  const read = readUrl(text);
  const fault = (message: string) =>
    new AppError('invalid', message, { errors: [{ pointer: '/baseUrl', message }] });
  if (!read.ok) throw fault(read.error.message);
  const { url } = read.value;
  if (url.search !== '' || url.hash !== '') throw fault('A base URL has no query and no fragment.');
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function schemeOf(row: ConnectorRow, name: string): StoredScheme {
  const schemes = row.securitySchemes as unknown as StoredScheme[];
  const scheme = schemes.find((one) => one.name === name);
  if (scheme === undefined) {
    const known = schemes.map((one) => one.name).join(', ') || 'none';
    throw new AppError(
      'not-found',
      `${row.name} has no security scheme ${JSON.stringify(name.slice(0, 80))}; it has: ${known}.`,
    );
  }
  if (scheme.type !== 'unsupported') return scheme;
  throw new AppError('invalid', `${scheme.name} is a way of signing in that is not supported.`);
}

function demandAdmin(caller: Context): void {
  if (permissionsOf(caller.roles).has('administer')) return;
  throw new AppError('forbidden', 'Only an owner of the tenant may approve addresses.');
}

function movedMeanwhile(): AppError {
  return new AppError('conflict', 'The base URL was changed meanwhile; look at it and try again.');
}
