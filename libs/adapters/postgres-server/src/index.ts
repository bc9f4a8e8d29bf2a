export { preparePostgres, type PostgresOptions, type PreparedPostgres } from './prepare.js';
export { adminUrlOf } from './address.js';
export { clearLeftovers } from './leftovers.js';
export { startPostgres, type RunningPostgres, type StartPostgresOptions } from './server.js';
export { startTestPostgres, type TestPostgres } from './test-server.js';
export { Watchdog, type GuardedSpawn, type WatchdogOptions } from './watchdog.js';
