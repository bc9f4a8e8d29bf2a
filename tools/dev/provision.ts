import { provision } from '@parley/postgres';

import { databaseRoles, roleName, schemaOwners, serviceNames } from './environment.ts';
import { openHome } from './home.ts';
import { openKeys } from './keys.ts';

/** Gives every service its schema and its roles; changes nothing where they are as they should be. */
const { PARLEY_HOME: homeDir, PARLEY_DB_ADMIN_URL: adminUrl } = process.env;
if (homeDir === undefined || adminUrl === undefined) {
  console.error('PARLEY_HOME and PARLEY_DB_ADMIN_URL must be set');
  process.exit(2);
}
const keys = openKeys(openHome(homeDir), serviceNames);
const services = schemaOwners.map((name) => {
  const [owner, app, system] = databaseRoles.map((role) =>
    keys.databasePassword(roleName(name, role)),
  );
  return { name, passwords: { owner: owner ?? '', app: app ?? '', system: system ?? '' } };
});
await provision({ adminUrl, services });
