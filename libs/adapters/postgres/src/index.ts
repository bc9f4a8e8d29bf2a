export { binaryArray, binaryValue, type ArrayType } from './binary-array.js';
export { backoffMs, sleep } from './backoff.js';
export { databaseError, isConnectionLoss, sqlState } from './database-error.js';
export { Listener, type ListenerOptions } from './listener.js';
export { migrate, type Migrated, type MigrateOptions } from './migrate.js';
export { appendOutbox, type OutboxEvent } from './outbox.js';
export {
  hintRelays,
  OutboxRelay,
  type OutboxRelayOptions,
  type RelayTarget,
} from './outbox-relay.js';
export {
  createPool,
  waitForDatabase,
  type Pool,
  type PoolClient,
  type PoolOptions,
  type PreparedStatement,
  type Queryable,
} from './pool.js';
export {
  tenantTransactions,
  type PrismaStatements,
  type PrismaTransactions,
  type TenantTransactionOptions,
  type TenantTransactions,
} from './prisma-tenant.js';
export { provision, type ProvisionOptions } from './provision.js';
export {
  serviceRoles,
  serviceUrls,
  type ServiceDatabase,
  type ServicePasswords,
  type ServiceRoles,
} from './service-roles.js';
export { assertTenantId, withTenant, withTenantSnapshot, withTransaction } from './transaction.js';
export { WakeUp } from './wake-up.js';
