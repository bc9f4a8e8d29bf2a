/**
 * Inside projects; what projects may see of each other is drawn in tools/tidy/boundaries.mjs.
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment:
        'Modules that need each other are one module, or lack a third. Types and lazy imports may.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
    {
      name: 'no-orphan',
      comment: 'Nothing uses it and it uses nothing.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          String.raw`\.spec\.ts$`,
          String.raw`\.d\.m?ts$`,
          String.raw`(^|/)main\.ts$`,
          String.raw`\.config\.ts$`,
          '(^|/)fixtures/',
          // Loaded by Node's --import in child processes of tests.
          'libs/adapters/bus/src/testing/typescript-paths.mjs',
        ],
      },
      to: {},
    },
    {
      name: 'tests-stay-out',
      comment: 'What ships imports no test, and no fakes.',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: String.raw`\.spec\.ts$|/(test|testing)/|^libs/testing/`,
      },
      to: { path: String.raw`\.spec\.ts$|^(apps|libs)/.*/(test|testing)/` },
    },
    {
      name: 'packages-by-name',
      comment: 'A library is entered through what its package.json exports.',
      severity: 'error',
      from: { path: '^(apps/[^/]+|libs/(?:(?:domain|adapters)/)?[^/]+)/' },
      to: { path: '^(apps|libs)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'edges-are-not-called',
      comment:
        'HTTP, gRPC and bus edges are where calls come in; features meet in what is behind them.',
      severity: 'error',
      from: { path: '^apps/', pathNot: String.raw`\.module\.ts$|\.spec\.ts$` },
      to: { path: String.raw`^apps/[^/]+/src/.*\.(http|grpc|bus)\.ts$` },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules|dist|generated)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['parley-source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
};
