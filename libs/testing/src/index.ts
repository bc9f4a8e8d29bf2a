export {
  databaseColumns,
  prismaColumns,
  testDatabase,
  type TestDatabase,
  type TestService,
} from '@parley/postgres/testing';
