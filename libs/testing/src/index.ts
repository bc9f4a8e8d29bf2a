export {
  applyMigrations,
  databaseColumns,
  prismaColumns,
  readMigrations,
  testDatabase,
  type TestDatabase,
  type TestService,
} from '@parley/postgres/testing';
