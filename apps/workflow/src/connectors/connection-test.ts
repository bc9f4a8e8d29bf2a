import { Inject, Injectable } from '@nestjs/common';
import type { ConnectorOperation } from '@parley/connectors';
import type { ConnectorTest } from '@parley/contracts';
import { AppError } from '@parley/kernel';
import { continueTrace, currentScope, type Context } from '@parley/nest-kit';
import type { OutboundOutcome } from '@parley/outbound';
import { ConnectorCaller, placeOf, type NotCalled } from '../outbound-calls/connector-caller.js';
import { targetOf, type ConnectorTarget } from '../outbound-calls/connector-target.js';
import { Catalogues } from './catalogues.js';
import { findConnector } from './connector-importer.js';
import { ConnectorsDb } from './connectors-db.js';

/** Calls an operation that only reads, so that people see whether a connector works. */
@Injectable()
export class ConnectionTest {
  constructor(
    @Inject(ConnectorsDb) private readonly db: ConnectorsDb,
    @Inject(Catalogues) private readonly catalogues: Catalogues,
    @Inject(ConnectorCaller) private readonly caller: ConnectorCaller,
  ) {}

  /** @throws AppError `not-found`, `address-not-approved` */
  async run(caller: Context, name: string): Promise<ConnectorTest> {
    const { tenantId } = caller;
    const { row, operations } = await this.db.withTenant(tenantId, async (tx) => {
      const connector = await findConnector(tx, tenantId, name);
      return { row: connector, operations: await this.catalogues.operationsOf(tx, connector) };
    });
    const operation = tryable(operations);
    if (operation === undefined) {
      const detail = `${row.name} has no operation that only reads and needs no input, so nothing can be tried without an effect.`;
      return { ok: false, operation: '', durationMs: 0, detail };
    }
    const target = targetOf(row);
    const called = await this.caller.call({
      target,
      operation,
      arguments: {},
      headers: { traceparent: continueTrace(currentScope()?.traceparent) },
    });
    if (called.kind === 'failure' && called.reason === 'not-approved') {
      throw new AppError('address-not-approved', called.message);
    }
    return report(called, operation, target);
  }
}

/** A GET without required input; one that asks for a credential says more than one that does not. */
function tryable(operations: readonly ConnectorOperation[]): ConnectorOperation | undefined {
  const simple = operations.filter(
    ({ method, parameters, deprecated }) =>
      method === 'GET' && !deprecated && !parameters.some(({ required }) => required),
  );
  return simple.find(({ security }) => security.length > 0) ?? simple[0];
}

function report(
  called: OutboundOutcome | NotCalled,
  { id: operation, security }: ConnectorOperation,
  target: ConnectorTarget,
): ConnectorTest {
  if (called.kind === 'not-called') {
    return { ok: false, operation, durationMs: 0, detail: called.message };
  }
  const { durationMs } = called;
  if (called.kind === 'failure') {
    return { ok: false, operation, durationMs, detail: called.message };
  }
  const { status } = called;
  const detail = detailOf(status, { security, place: placeOf(target) });
  return { ok: status >= 200 && status < 300, operation, status, durationMs, detail };
}

function detailOf(
  status: number,
  { security, place }: { security: ConnectorOperation['security']; place: string },
): string {
  if (status >= 200 && status < 300) return `${place} answered ${status}.`;
  if (status === 401 || status === 403) {
    const names = security.map((set) => set.join(' and ')).filter((text) => text !== '');
    return names.length === 0
      ? `${place} answered ${status}: it wants a credential that its document does not mention.`
      : `${place} answered ${status}: it does not accept the credential ${names.join(' or ')}.`;
  }
  if (status === 404) return `${place} answered 404: is the path of the base URL right?`;
  if (status >= 300 && status < 400) {
    return `${place} answered ${status}, a redirect, which is not followed: correct the base URL.`;
  }
  return `${place} answered ${status}.`;
}
