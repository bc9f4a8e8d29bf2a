import { randomBytes } from 'node:crypto';
import { startTestPostgres } from '@parley/postgres-server';
import { createPool } from '../pool.js';
import { provision } from '../provision.js';
import { copyOfTemplate, type Beginning } from './template.js';
import { serviceUrls, type ServiceDatabase, type ServicePasswords } from '../service-roles.js';

export { applyMigrations, readMigrations } from '../migrate.js';
export { databaseColumns, prismaColumns } from './prisma-columns.js';

/** A service by name, or with its topics where the default (its own name, reads all) is wrong. */
export type TestService = string | Omit<ServiceDatabase, 'passwords'>;

/** A provisioned, otherwise empty database that belongs to one test file. */
export interface TestDatabase {
  /** Superuser's URL of the database. */
  readonly adminUrl: string;
  /** Connection URLs of a service's roles. */
  urls(service: string): ServicePasswords;
  /** Drops the database, and stops the server if it was started for it. */
  stop(): Promise<void>;
}

/** The same in every test: roles belong to the server, which several databases may share. */
const passwords: ServicePasswords = {
  owner: 'test-owner-password',
  app: 'test-app-password',
  system: 'test-system-password',
};

/**
 * A fresh database with the schemas and roles of `services`, for `beforeAll`; call `stop` in
 * `afterAll`. Starts PostgreSQL for this test file, or makes a database on the server of
 * `PARLEY_TEST_ADMIN_URL` when that is set: there as a copy, to which also the migrations of the
 * folders in `migrated`, by service, have been applied.
 */
export async function testDatabase(
  services: readonly TestService[],
  migrated: Beginning['migrated'] = {},
): Promise<TestDatabase> {
  const shared = process.env['PARLEY_TEST_ADMIN_URL'];
  const all = services.map((service) => ({
    ...(typeof service === 'string' ? { name: service } : service),
    passwords,
  }));
  const { adminUrl, stop } = shared
    ? await createDatabase(shared, { services: all, migrated })
    : await startTestPostgres();
  try {
    if (!shared) await provision({ adminUrl, services: all });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    adminUrl,
    stop,
    urls(name) {
      if (!all.some((service) => service.name === name)) {
        throw new Error(`testDatabase was not asked for service ${name}`);
      }
      return serviceUrls(adminUrl, { name, passwords });
    },
  };
}

async function createDatabase(
  server: string,
  beginning: Beginning,
): Promise<Pick<TestDatabase, 'adminUrl' | 'stop'>> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await copyOfTemplate(server, name, beginning);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    adminUrl: url.toString(),
    stop: () => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const pool = createPool(url, { applicationName: 'test database', max: 1 });
  try {
    await pool.query(statement);
  } finally {
    await pool.end();
  }
}
