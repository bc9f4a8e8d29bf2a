import eslint from '@eslint/js';
import nx from '@nx/eslint-plugin';
import reactHooks from 'eslint-plugin-react-hooks';
import { builtinModules } from 'node:module';
import { readCachedProjectGraph } from '@nx/devkit';
import tseslint from 'typescript-eslint';
import { depConstraints } from './tools/tidy/boundaries.mjs';

// Without a project graph the boundary rule would skip itself with no more than a warning.
try {
  readCachedProjectGraph();
} catch (cause) {
  throw new Error('There is no project graph yet: run "npm run lint" once.', { cause });
}

const houseSyntax = [
  { selector: 'TSEnumDeclaration', message: 'Use a const object and a union type.' },
  { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' },
];

/** Domain code is deterministic: time, randomness and I/O come in as arguments. */
const impureGlobals = [
  'console',
  'globalThis',
  'require',
  'process',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'crypto',
  'performance',
  'Buffer',
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.nx/**',
      '.parley/**',
      'apps/*/src/generated/**',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-deprecated': 'off',
      'max-params': ['error', 4],
      'no-restricted-syntax': ['error', ...houseSyntax],
      eqeqeq: 'error',
    },
  },
  {
    // The framework fills these parameters: one per injected part or piece of the request.
    files: ['apps/*/src/**/*.{http,module}.ts'],
    rules: { 'max-params': 'off' },
  },
  {
    files: ['apps/**/*.{ts,tsx}', 'libs/**/*.ts'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, depConstraints },
      ],
    },
  },
  {
    files: ['libs/kernel/**/*.ts', 'libs/contracts/**/*.ts', 'libs/domain/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/test/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['node:*', ...builtinModules],
              message: 'Domain code does no I/O.',
            },
            { group: ['@nestjs/*', 'pg', 'undici'], message: 'Domain code knows no framework.' },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        ...impureGlobals.map((name) => ({
          name,
          message: 'Domain code is deterministic: take it as an argument.',
        })),
      ],
      'no-restricted-syntax': [
        'error',
        ...houseSyntax,
        { selector: 'ImportExpression', message: 'Domain code is whole when it is loaded.' },
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'Take `now` as an argument.',
        },
        { selector: 'CallExpression[callee.name="Date"]', message: 'Take `now` as an argument.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Take random values as an argument.' },
        { object: 'Date', property: 'now', message: 'Take `now` as an argument.' },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', '**/test/**/*.ts', '**/testing/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['apps/console/**/*.{ts,tsx}'],
    // The other program would be read for nothing.
    languageOptions: { parserOptions: { project: ['apps/console/tsconfig.json'] } },
    plugins: { 'react-hooks': reactHooks },
    rules: reactHooks.configs.recommended.rules,
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        performance: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    files: ['eslint.config.js', 'jest.config.js', 'apps/console/vite.config.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
