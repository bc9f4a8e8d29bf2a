import type { ConnectorOperation } from '@parley/connectors';
import type { SetCredential } from '@parley/contracts';
import { err, ok, type Result } from '@parley/kernel';
import type { Approval, PlacedCredential } from '@parley/outbound';
import type { ConnectorRow, StoredScheme } from '../connectors/connector-view.js';
import { kindOf, originOf } from '../connectors/connector-view.js';
import type { CredentialVault } from '../connectors/credential-vault.js';

/** Where the calls of a connector go, and with what. Credentials stay sealed until a call is made. */
export interface ConnectorTarget {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string | undefined;
  readonly approvals: readonly Approval[];
  readonly schemes: readonly StoredScheme[];
  readonly sealed: readonly { scheme: string; origin: string; sealed: string }[];
}

export function targetOf(row: ConnectorRow): ConnectorTarget {
  return {
    tenantId: row.tenantId,
    id: row.id,
    name: row.name,
    baseUrl: row.baseUrl ?? undefined,
    approvals: row.addresses.map(({ host, port }) => ({ host, port })),
    schemes: row.securitySchemes as unknown as StoredScheme[],
    sealed: row.credentials.map(({ scheme, origin, sealed }) => ({ scheme, origin, sealed })),
  };
}

/**
 * The credentials of a call: those of the first alternative that is complete, none where none are
 * needed; otherwise what is missing, in words.
 */
export function credentialsFor(
  operation: Pick<ConnectorOperation, 'security' | 'id'>,
  target: ConnectorTarget,
  vault: CredentialVault,
): Result<PlacedCredential[], string> {
  const origin = originOf(target.baseUrl ?? null);
  const isGiven = (name: string) =>
    target.sealed.some((one) => one.scheme === name && one.origin === origin);
  const complete = operation.security.find((names) => names.length > 0 && names.every(isGiven));
  if (complete === undefined) {
    const isOpen =
      operation.security.length === 0 || operation.security.some((s) => s.length === 0);
    return isOpen ? ok([]) : err(missing(operation, target, isGiven));
  }
  const credentials: PlacedCredential[] = [];
  for (const name of complete) {
    const scheme = target.schemes.find((one) => one.name === name);
    const stored = target.sealed.find((one) => one.scheme === name && one.origin === origin);
    if (scheme === undefined || stored === undefined || origin === undefined) continue;
    const place = { tenantId: target.tenantId, connectorId: target.id, scheme: name, origin };
    credentials.push(placed(vault.open(stored.sealed, place), scheme));
  }
  return ok(credentials);
}

function placed(credential: SetCredential, scheme: StoredScheme): PlacedCredential {
  if (credential.type !== 'apiKey') return credential;
  return {
    type: 'apiKey',
    in: scheme.in ?? 'header',
    parameter: scheme.parameter ?? scheme.name,
    value: credential.value,
  };
}

function missing(
  operation: Pick<ConnectorOperation, 'security' | 'id'>,
  target: ConnectorTarget,
  isGiven: (name: string) => boolean,
): string {
  const names = (operation.security[0] ?? []).filter((name) => !isGiven(name));
  const described = names.map((name) => {
    const scheme = target.schemes.find((one) => one.name === name);
    return scheme === undefined ? name : `${name} (${kindOf(scheme)})`;
  });
  const moved = target.sealed.some((one) => names.includes(one.scheme));
  const why = moved ? ' What is stored was given for another address.' : '';
  return `${operation.id} needs the credential ${described.join(' and ')} of the connector ${target.name}.${why} Give it on the connector's page.`;
}
