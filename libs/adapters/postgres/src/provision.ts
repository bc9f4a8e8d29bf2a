import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { sleep } from './backoff.js';
import { sqlState } from './database-error.js';
import { applyMigrations, readMigrations } from './migrate.js';
import { connectionConfig, createPool, waitForDatabase } from './pool.js';
import { scramVerifier } from './scram.js';
import { serviceRoles, type ServiceDatabase } from './service-roles.js';

export interface ProvisionOptions {
  /** A superuser, or a role with CREATEROLE that owns the database. PostgreSQL 15 or later. */
  readonly adminUrl: string;
  readonly services: readonly ServiceDatabase[];
}

const busOwner = 'bus_owner';
const versionLeast = 150_000;
/** Upper bounds per role, so that one service cannot use up the server. */
const connectionLimits = { owner: 5, app: 40, system: 30 };
/** Roles belong to the whole server: two databases provisioned at once can meet on one role. */
const roleRaceAttempts = 8;
const roleRaceStates = new Set(['XX000', '23505', '40001', '40P01', '42710', '42704']);

/**
 * Creates what the services need in a database, or brings it up to date: per service a schema and
 * the roles owner, app and system, and the schema `bus` with its own owner. Repeating it changes
 * nothing but passwords. Roles belong to the server, so one server carries one installation.
 */
export async function provision(options: ProvisionOptions): Promise<void> {
  const pool = createPool(options.adminUrl, { applicationName: 'provision', max: 1 });
  try {
    await waitForDatabase(pool);
  } finally {
    await pool.end();
  }
  const client = new pg.Client(connectionConfig(options.adminUrl, provisionConnection));
  client.on('error', () => undefined); // the statement under way fails with the same cause
  await client.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(hashtextextended('parley/provision', 0))`);
    await refuseOldServer(client);
    await client.query(`SET client_min_messages = warning`);
    await roleRaces(() => inTransaction(client, () => createRole(client, busOwner)));
    for (const service of options.services) await provisionService(client, service);
    await inTransaction(client, () => closeToPublic(client, options.services));
    await provisionBus(client, options.services);
  } finally {
    await client.end();
  }
}

const provisionConnection = { applicationName: 'provision', statementTimeoutMs: 60_000 };

async function refuseOldServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string }>(
    `SELECT current_setting('server_version_num') AS version`,
  );
  if (Number(rows[0]?.version) < versionLeast) {
    throw new Error('PostgreSQL 15 or later is needed');
  }
}

async function provisionService(client: pg.Client, service: ServiceDatabase): Promise<void> {
  const roles = serviceRoles(service.name);
  const verifiers = {
    owner: await scramVerifier(service.passwords.owner),
    app: await scramVerifier(service.passwords.app),
    system: await scramVerifier(service.passwords.system),
  };
  await roleRaces(() =>
    inTransaction(client, async () => {
      for (const kind of ['owner', 'app', 'system'] as const) {
        await createRole(client, roles[kind]);
        await client.query(
          `ALTER ROLE ${roles[kind]} LOGIN CONNECTION LIMIT ${connectionLimits[kind]}
             PASSWORD ${pg.escapeLiteral(verifiers[kind])}`,
        );
        // The schema has the same name in every database, so the path can belong to the role.
        await client.query(`ALTER ROLE ${roles[kind]} SET search_path = ${roles.schema}`);
      }
      await client.query(plansByKey(roles.system));
    }),
  );
  await inTransaction(client, () => createSchema(client, roles));
}

/**
 * What a system role does again and again goes by key, and plans are kept as long as a connection. One
 * that is made while a table is empty would read all of it, and would go on doing so when it is large.
 */
function plansByKey(role: string): string {
  return ['seqscan', 'hashjoin', 'mergejoin']
    .map((way) => `ALTER ROLE ${role} SET enable_${way} = off`)
    .join('; ');
}

/** Creates a role that cannot log in yet, and refuses one with powers that break isolation. */
async function createRole(client: pg.Client, role: string): Promise<void> {
  const found = await client.query<{ powerful: boolean }>(
    `SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS powerful
     FROM pg_roles WHERE rolname = $1`,
    [role],
  );
  if (found.rows[0]?.powerful === true) {
    throw new Error(`role ${role} exists and has more rights than it may have; drop or rename it`);
  }
  if (found.rows.length === 0) await client.query(`CREATE ROLE ${role} NOLOGIN`);
  const { rows } = await client.query<{ missing: boolean }>(
    `SELECT NOT rolsuper AND NOT pg_has_role(current_user, $1, 'USAGE') AS missing
     FROM pg_roles WHERE rolname = current_user`,
    [role],
  );
  if (rows[0]?.missing === true) await actAs(client, role);
}

/** Who is no superuser needs to be a member to make things that belong to the role. */
async function actAs(client: pg.Client, role: string): Promise<void> {
  try {
    await client.query(`GRANT ${role} TO CURRENT_USER`);
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    throw new Error(
      `role ${role} was made by somebody else; let its maker run ` +
        `GRANT ${role} TO <role of the admin URL> WITH ADMIN OPTION`,
      { cause: error },
    );
  }
}

async function createSchema(
  client: pg.Client,
  { schema, owner, app, system }: ReturnType<typeof serviceRoles>,
): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema} AUTHORIZATION ${owner}`);
  await client.query(`SET LOCAL ROLE ${owner}`);
  await client.query(`
    REVOKE ALL ON SCHEMA ${schema} FROM PUBLIC;
    GRANT USAGE ON SCHEMA ${schema} TO ${app}, ${system};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA ${schema}
      GRANT EXECUTE ON FUNCTIONS TO ${app}, ${system};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA ${schema}
      GRANT USAGE, SELECT ON SEQUENCES TO ${app}, ${system};
  `);
}

async function closeToPublic(
  client: pg.Client,
  services: readonly ServiceDatabase[],
): Promise<void> {
  const { rows } = await client.query<{ database: string }>(
    `SELECT quote_ident(current_database()) AS database`,
  );
  const database = rows.map((row) => row.database).join();
  const roles = services.flatMap(({ name }) => {
    const { owner, app, system } = serviceRoles(name);
    return [owner, app, system];
  });
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await client.query(`REVOKE ALL ON SCHEMA public FROM PUBLIC`);
  if (roles.length > 0) {
    await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${roles.join(', ')}`);
  }
}

/** The schema `bus`: tables that only its owner can touch, behind functions that check the role. */
async function provisionBus(
  client: pg.Client,
  services: readonly ServiceDatabase[],
): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS bus AUTHORIZATION ${busOwner}`);
  await client.query(`SET ROLE ${busOwner}`);
  await client.query(`
    REVOKE ALL ON SCHEMA bus FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES FOR ROLE ${busOwner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
  `);
  const supplied = fileURLToPath(new URL('sql/bus/', import.meta.url));
  await applyMigrations(client, 'bus', await readMigrations(supplied));
  await inTransaction(client, async () => {
    for (const service of services) await admitToBus(client, service);
  });
}

async function admitToBus(client: pg.Client, service: ServiceDatabase): Promise<void> {
  await client.query(`SELECT bus.admit($1, $2, $3, $4)`, [
    serviceRoles(service.name).system,
    service.name,
    service.publishes ?? [service.name],
    service.subscribes ?? ['*'],
  ]);
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined); // the first error is the cause
    throw error;
  }
}

async function roleRaces(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === roleRaceAttempts || !roleRaceStates.has(sqlState(error) ?? '')) throw error;
      await sleep(20 * attempt + Math.random() * 50);
    }
  }
}
