import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate, readMigrations } from '../migrate.js';
import { provision } from '../provision.js';
import { serviceRoles, serviceUrls, type ServiceDatabase } from '../service-roles.js';

/** What a test's database begins with. */
export interface Beginning {
  readonly services: readonly ServiceDatabase[];
  /** Folders of migrations by the name of the service. */
  readonly migrated: Readonly<Record<string, string>>;
}

/**
 * Creates a database as a copy of one that was provisioned and migrated in the same way. The first to
 * want it makes that one, and the others wait for it: on one server they begin alike and are made at
 * the cost of a copy.
 */
export async function copyOfTemplate(
  server: string,
  name: string,
  beginning: Beginning,
): Promise<void> {
  const client = new pg.Client(server);
  client.on('error', () => undefined); // the statement under way fails with the same cause
  await client.connect();
  try {
    const template = await templateName(beginning);
    await client.query(`SELECT pg_advisory_lock(hashtextextended($1, 0))`, [template]);
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [template]);
    if (found.rows.length === 0) await makeTemplate(client, server, template, beginning);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
    // The rights on a database are its own; those on what is in it were copied.
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    const roles = beginning.services.flatMap((service) => {
      const { owner, app, system } = serviceRoles(service.name);
      return [owner, app, system];
    });
    if (roles.length > 0) {
      await client.query(`GRANT CONNECT ON DATABASE ${name} TO ${roles.join(', ')}`);
    }
  } finally {
    await client.end(); // and lets go of the lock
  }
}

/** Gets its name when it is complete, so that one whose making failed is never copied. */
async function makeTemplate(
  client: pg.Client,
  server: string,
  template: string,
  { services, migrated }: Beginning,
): Promise<void> {
  const draft = `${template}_draft`;
  await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${draft} TEMPLATE template0`);
  const url = new URL(server);
  url.pathname = `/${draft}`;
  const adminUrl = url.toString();
  await provision({ adminUrl, services });
  for (const service of services) {
    const directory = migrated[service.name];
    if (directory === undefined) continue;
    const { schema } = serviceRoles(service.name);
    await migrate({ ownerUrl: serviceUrls(adminUrl, service).owner, schema, directory });
  }
  await client.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
}

/** Another one for everything that may make a difference. */
async function templateName({ services, migrated }: Beginning): Promise<string> {
  const folders = ['../sql/bus/', '../sql/service/'].map((folder) =>
    fileURLToPath(new URL(folder, import.meta.url)),
  );
  const files = await Promise.all(
    [...folders, ...Object.values(migrated)].map((folder) => readMigrations(folder)),
  );
  const checksums = files.flat().map(({ checksum }) => checksum);
  const facts = JSON.stringify([services, Object.keys(migrated), checksums]);
  return `template_${createHash('sha256').update(facts).digest('hex').slice(0, 32)}`;
}
