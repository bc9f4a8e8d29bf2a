import { swcOptions } from './tools/build/swc-options.mjs';

/** ESM mode: see the `jest` script for the Node flag that it needs. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: {
    // Jest adds 'import' or 'require' by itself; 'import' here would hand ESM to require().
    customExportConditions: ['parley-source', 'node'],
  },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swcOptions] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['<rootDir>/{apps,libs,tools}/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/fixtures/'],
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/'],
  maxWorkers: 2,
  // A machine that does other things, too, is slow but not wrong.
  testTimeout: 60_000,
};
