import type { Connector, SecurityScheme } from '@parley/contracts';
import type { DeclaredScheme } from '@parley/connectors';
import { hostPort, looksInternal, readUrl } from '@parley/outbound';
import type { Prisma } from '../generated/prisma/client.js';

/** A connector with what has been approved and given for it. */
export const withSettings = { addresses: true, credentials: true } as const;
export type ConnectorRow = Prisma.ConnectorGetPayload<{ include: typeof withSettings }>;

/** What people see of a connector: never a credential. */
export function viewOf(row: ConnectorRow): Connector {
  const declared = row.securitySchemes as unknown as StoredScheme[];
  const schemes = declared.map(({ neededBy: _, ...scheme }): SecurityScheme => ({
    ...scheme,
    configured: isGiven(row, scheme.name),
  }));
  const addressApproved = isAddressOpen(row);
  return {
    id: row.id,
    name: row.name,
    title: row.title,
    ...(row.description === null ? {} : { description: row.description }),
    version: row.version,
    documentHash: row.documentHash,
    servers: row.servers as string[],
    ...(row.baseUrl === null ? {} : { baseUrl: row.baseUrl }),
    addressApproved,
    securitySchemes: schemes,
    operationCount: row.operationCount,
    openQuestions: questionsOf(row, declared, addressApproved),
    notices: row.notices as string[],
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** A declared scheme, and how many operations cannot be called without it. */
export interface StoredScheme extends DeclaredScheme {
  readonly neededBy: number;
}

/** Host and port of the base URL; undefined while there is none. */
export function addressOf(row: Pick<ConnectorRow, 'baseUrl'>) {
  const read = row.baseUrl === null ? undefined : readUrl(row.baseUrl);
  return read?.ok ? { host: read.value.host, port: read.value.port } : undefined;
}

/** The origin that credentials of this connector are given for. */
export function originOf(baseUrl: string | null): string | undefined {
  return baseUrl === null ? undefined : new URL(baseUrl).origin;
}

function isGiven(row: ConnectorRow, scheme: string): boolean {
  const origin = originOf(row.baseUrl);
  return row.credentials.some((one) => one.scheme === scheme && one.origin === origin);
}

function isAddressOpen(row: ConnectorRow): boolean {
  const address = addressOf(row);
  if (row.baseUrl === null || address === undefined) return false;
  const { host, port } = address;
  const approved = row.addresses.some((one) => one.host === host && one.port === port);
  return approved || !looksInternal(row.baseUrl);
}

function questionsOf(row: ConnectorRow, schemes: StoredScheme[], addressApproved: boolean) {
  const fromDocument = row.openQuestions as { server?: string; others: string[] };
  const questions = [...fromDocument.others];
  const address = addressOf(row);
  if (address === undefined) {
    questions.unshift(fromDocument.server ?? 'Which base URL do calls go to?');
  } else if (!addressApproved) {
    const where = hostPort(address.host, address.port);
    questions.push(`${where} is an internal address: an admin has to approve calls to it.`);
  }
  for (const scheme of schemes) {
    if (scheme.neededBy === 0 || scheme.type === 'unsupported' || isGiven(row, scheme.name))
      continue;
    const count =
      scheme.neededBy === 1 ? 'One operation needs' : `${scheme.neededBy} operations need`;
    questions.push(`${count} the credential ${scheme.name} (${kindOf(scheme)}).`);
  }
  return questions;
}

/** A credential in words: `the key in the header X-Api-Key`. */
export function kindOf(scheme: DeclaredScheme): string {
  switch (scheme.type) {
    case 'apiKey':
      return `a key in the ${scheme.in ?? 'header'} ${scheme.parameter ?? ''}`.trimEnd();
    case 'bearer':
      return 'a bearer token';
    case 'basic':
      return 'a user name and a password';
    case 'unsupported':
      return 'not supported';
  }
}
