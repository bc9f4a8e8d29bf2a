import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { importJWK, SignJWT, type JWK } from 'jose';
import { ParleyClient } from '@parley/sdk';
import { createPool, type Pool } from '@parley/postgres';

import { HeadlessBrowser } from '../../dev/issuer/browser.ts';
import { startPlatform, type Platform } from '../../dev/platform.ts';
import { portOffsets } from '../../dev/ports.ts';
import { approveDefinition } from '../../testbed/driver.ts';

/** What somebody who is signed in can do. */
export interface SignedIn {
  readonly client: ParleyClient;
  readonly tenantId: string;
  /** The head of a start through the gateway, with a bearer that it verifies. */
  readonly gatewayHead: () => string;
  /** The same to the service, with the context token that the gateway would send. */
  readonly serviceHead: () => Promise<string>;
  define(source: string): Promise<string>;
}

/** A fresh installation with its owner signed in. */
export interface Installation extends SignedIn {
  readonly platform: Platform;
  /** Of the superuser: only for looking. */
  readonly admin: Pool;
  /** URL of the superuser. */
  readonly adminUrl: string;
  readonly ports: Ports;
  /** The owner of another tenant. */
  neighbour(): Promise<SignedIn>;
  stop(): Promise<void>;
}

interface Ports {
  readonly gateway: number;
  readonly workflow: number;
}

/** @param env variables of the services on top of the usual ones */
export async function openInstallation(
  env: Readonly<Record<string, string>> = {},
): Promise<Installation> {
  const platform = await startPlatform({ quiet: true, env, portBase: portBase() });
  const password = readFileSync(join(platform.home, 'secrets/postgres-superuser'), 'utf8').trim();
  const port = platform.portBase + portOffsets.postgres;
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/parley`;
  const admin = createPool(url, { applicationName: 'bench', max: 2, statementTimeoutMs: 600_000 });
  const stop = async () => {
    await admin.end();
    await platform.stop();
  };
  try {
    await refuseUnlessDurable(admin);
    const ports = {
      gateway: platform.portBase + portOffsets.gateway,
      workflow: platform.portBase + portOffsets.workflow,
    };
    const issuer = `http://127.0.0.1:${platform.portBase + portOffsets.issuer}`;
    const browser = new HeadlessBrowser(issuer, platform.url);
    const signIn = async (who: { loginToken?: string; email?: string }) =>
      signedIn(platform, ports, (await browser.signIn(who)).accessToken);
    const owner = await signIn({ loginToken: platform.loginToken });
    const neighbour = () => signIn({ email: 'owner@second.local' });
    return { platform, admin, adminUrl: url, ports, ...owner, neighbour, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As `npm start` takes it; by itself a bench looks for free ports. */
function portBase(): number | undefined {
  const given = process.env.PARLEY_PORT_BASE;
  return given === undefined ? undefined : Number(given);
}

async function signedIn(platform: Platform, ports: Ports, bearer: string): Promise<SignedIn> {
  const client = new ParleyClient({ baseUrl: platform.url, token: () => bearer });
  const { tenant, member } = await client.call('me');
  await client.call('loadDemo');
  const claims = {
    kind: 'request',
    tenantId: tenant.id,
    principal: member.id,
    name: member.name,
    roles: member.roles,
  };
  return {
    client,
    tenantId: tenant.id,
    gatewayHead: () => headOf(ports.gateway, `authorization: Bearer ${bearer}`),
    serviceHead: async () =>
      headOf(ports.workflow, `parley-context: ${await contextToken(platform, claims)}`),
    define: (source) => approveDefinition(client, source),
  };
}

function headOf(port: number, identity: string): string {
  return `host: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n${identity}\r\n`;
}

async function contextToken(
  platform: Platform,
  claims: Readonly<Record<string, unknown>>,
): Promise<string> {
  const key = JSON.parse(readFileSync(join(platform.home, 'keys/gateway.jwk'), 'utf8')) as JWK;
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'gateway', typ: 'parley-context+jwt' })
    .setIssuer('gateway')
    .setAudience('workflow')
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('300s')
    .sign(await importJWK(key, 'EdDSA'));
}

/** What a figure is worth nothing without. */
async function refuseUnlessDurable(admin: Pool): Promise<void> {
  const refuse = (what: string) => {
    throw new Error(`not measured: ${what}`);
  };
  for (const name of ['fsync', 'full_page_writes', 'synchronous_commit']) {
    const { rows } = await admin.query<Record<string, string>>(`SHOW ${name}`);
    if (rows[0]?.[name] !== 'on') refuse(`${name} is ${rows[0]?.[name] ?? 'unknown'}, not on`);
  }
  const tables = ['journal', 'run', 'start_key', 'timer'];
  const { rows: unguarded } = await admin.query<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relnamespace = 'workflow'::regnamespace
       AND relname = ANY ($1) AND NOT (relrowsecurity AND relforcerowsecurity)`,
    [tables],
  );
  if (unguarded.length > 0) refuse('row-level security is not forced');
  const { rows: indexes } = await admin.query<{ count: number }>(
    `SELECT count(*) FROM pg_indexes WHERE schemaname = 'workflow' AND tablename IN ('run', 'journal')`,
  );
  if ((indexes[0]?.count ?? 0) < 4) refuse('the indexes of runs are missing');
  const { rows: consumers } = await admin.query<{ count: number }>(
    `SELECT count(*) FROM bus.consumer WHERE group_name = 'platform' AND topic = 'workflow'
       AND owner IS NOT NULL`,
  );
  if ((consumers[0]?.count ?? 0) === 0) refuse('platform does not consume the events of runs');
}
