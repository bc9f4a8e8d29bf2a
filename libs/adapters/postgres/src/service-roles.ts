/** Passwords of a service's three roles; printable ASCII. */
export interface ServicePasswords {
  readonly owner: string;
  readonly app: string;
  readonly system: string;
}

/** One service that keeps data. */
export interface ServiceDatabase {
  /** e.g. `conversation`; `-` becomes `_` in names of the database. */
  readonly name: string;
  readonly passwords: ServicePasswords;
  /** Topics that its system role may publish to. @default [name] */
  readonly publishes?: readonly string[];
  /** Topics that its system role may read; `*` is every topic. @default ['*'] */
  readonly subscribes?: readonly string[];
}

/** Names of a service in the database. */
export interface ServiceRoles {
  readonly schema: string;
  /** Owns the schema; migrations only. */
  readonly owner: string;
  /** Request handlers: one tenant at a time. */
  readonly app: string;
  /** Work across tenants on listed tables, and the bus; never held by a request handler. */
  readonly system: string;
}

/** The schema and the roles of a service. */
export function serviceRoles(name: string): ServiceRoles {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(name) || name === 'bus' || name.startsWith('pg-')) {
    throw new Error(`${JSON.stringify(name)} cannot be the name of a service with a schema`);
  }
  const schema = name.replaceAll('-', '_');
  return {
    schema,
    owner: `${schema}_owner`,
    app: `${schema}_app`,
    system: `${schema}_system`,
  };
}

/** Connection addresses of a service's roles, on the server and database of `adminUrl`. */
export function serviceUrls(
  adminUrl: string,
  service: Pick<ServiceDatabase, 'name' | 'passwords'>,
): ServicePasswords {
  const roles = serviceRoles(service.name);
  return {
    owner: urlFor(adminUrl, roles.owner, service.passwords.owner),
    app: urlFor(adminUrl, roles.app, service.passwords.app),
    system: urlFor(adminUrl, roles.system, service.passwords.system),
  };
}

function urlFor(adminUrl: string, user: string, password: string): string {
  const url = new URL(adminUrl);
  url.username = user;
  url.password = encodeURIComponent(password);
  return url.toString();
}
