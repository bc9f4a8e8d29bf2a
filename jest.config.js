import { swcOptions } from './tools/build/swc-options.mjs';

/** ESM mode: see the `jest` script for the Node flag that it needs. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: {
    customExportConditions: ['parley-source', 'node', 'import', 'default'],
  },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swcOptions] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['<rootDir>/{apps,libs,tools}/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/fixtures/'],
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/'],
  maxWorkers: 2,
};
