// `npm run verify`: format, lint, types, unit tests and goldens; what a commit should pass.
import { bootstrap, runProgram, runScript, runsOnNode24 } from './bootstrap.mjs';

const steps = [
  [
    'format',
    () =>
      runProgram('node_modules/prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']),
  ],
  ['lint', () => runScript('lint', [])],
  ['types', () => runScript('types', [])],
  // The goldens are among the unit tests.
  [
    'unit tests',
    () =>
      runScript('jest', [
        '--testPathIgnorePatterns',
        String.raw`\.int\.spec\.ts$`,
        '/node_modules/',
        '/dist/',
        '/fixtures/',
      ]),
  ],
];

await bootstrap();
if (runsOnNode24()) {
  const failed = [];
  for (const [name, run] of steps) {
    const start = Date.now();
    const code = run();
    console.log(
      `${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`,
    );
    if (code !== 0) failed.push(name);
  }
  console.log(failed.length === 0 ? 'verify passed' : `verify failed: ${failed.join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
