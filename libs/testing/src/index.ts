export { testDatabase, type TestDatabase, type TestService } from '@parley/postgres/testing';
