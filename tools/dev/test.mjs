// `npm test [-- jest arguments]`: installs and builds what is missing, then runs every tier that the
// machine can: unit, service, platform and, where there is a browser, end-to-end.
//
// PARLEY_REQUIRE_BROWSER=1 makes a skipped end-to-end tier a failure.
// PARLEY_TEST_ADMIN_URL names a PostgreSQL server for the service tests; else one is started.
// PARLEY_SPEC_DIR is the folder of the language specification's examples and jq's own tests.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { bootstrap, fail, runsOnNode24 } from './bootstrap.mjs';

const root = resolve(import.meta.dirname, '../..');
const platformTests = String.raw`/tools/(dev|testbed)/.*\.int\.spec\.ts$|\.e2e\.spec\.ts$`;
const never = ['/node_modules/', '/dist/', '/fixtures/'];

/**
 * One worker more than cores: there is always a test that waits. A platform is many processes, of
 * which most have nothing to do: two of them at a time, and nothing beside them.
 */
const workers = Math.max(3, availableParallelism() + 1);
const phases = [
  { name: 'unit and service', ignored: [platformTests], args: [`--maxWorkers=${workers}`] },
  { name: 'platform', ignored: [`^(?!.*(${platformTests}))`], args: ['--maxWorkers=2'] },
];
const choosesWorkers = /^(-i|--runInBand|-w|--maxWorkers)\b/;

await bootstrap();
if (runsOnNode24()) process.exitCode = await test(process.argv.slice(2));

async function test(args) {
  const since = Date.now();
  // Making an empty database cluster takes longer than most tests: it is made once.
  const cluster = join(root, 'node_modules/.cache/parley/test-cluster');
  rmSync(cluster, { recursive: true, force: true });
  mkdirSync(cluster, { recursive: true });
  process.env.PARLEY_TEST_CLUSTER = cluster;
  const { startTestPostgres } = await import('@parley/postgres-server');
  const shared = process.env.PARLEY_TEST_ADMIN_URL ? undefined : await startTestPostgres();
  const runs = [];
  try {
    for (const phase of phases) {
      console.log(`\n${phase.name} tests`);
      runs.push(await run(phase, args, shared?.adminUrl));
    }
  } finally {
    await shared?.stop();
    rmSync(cluster, { recursive: true, force: true });
  }
  return report(runs, Math.round((Date.now() - since) / 1000));
}

/** @returns what Jest found, or undefined if it ended without a word about it */
async function run(phase, args, adminUrl) {
  const file = join(root, 'node_modules/.cache/parley', `${phase.name.replaceAll(' ', '-')}.json`);
  mkdirSync(join(file, '..'), { recursive: true });
  rmSync(file, { force: true });
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    ...args,
    ...(args.some((arg) => choosesWorkers.test(arg)) ? [] : phase.args),
    '--passWithNoTests',
    '--json',
    `--outputFile=${file}`,
    '--testPathIgnorePatterns',
    ...never,
    ...phase.ignored,
  ];
  const env = {
    ...process.env,
    ...(adminUrl === undefined ? {} : { PARLEY_TEST_ADMIN_URL: adminUrl }),
  };
  // Jest tells people on stderr; on stdout it would repeat where the file is.
  const child = spawn(process.execPath, jest, {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((done) => {
    child.once('error', (error) => fail(`cannot run Jest: ${error.message}`));
    child.once('exit', (status) => done(status ?? 1));
  });
  const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  return { name: phase.name, code, results };
}

async function report(runs, seconds) {
  const { add, closingLine, countTiers, isSkipped, summary, total } =
    await import('./test-results.ts');
  const results = runs.flatMap((one) => (one.results === undefined ? [] : [one.results]));
  const counts = countTiers(results);
  let count = total(counts);
  const blame = (what) => {
    count = add(count, { passed: 0, failed: 1, skipped: 0 });
    console.log(`  FAILED      ${what}`);
  };
  console.log(`\nTests by tier (${String(seconds)} s)`);
  for (const line of summary(results, root)) console.log(line);
  for (const { name, code } of runs) {
    if (code !== 0 && count.failed === 0) blame(`${name}: Jest ended with code ${String(code)}`);
  }
  if (process.env.PARLEY_REQUIRE_BROWSER === '1' && isSkipped(counts, 'end-to-end')) {
    blame('the end-to-end tier is required here (PARLEY_REQUIRE_BROWSER=1)');
  }
  if (count.passed + count.failed === 0) blame('no test ran');
  console.log(closingLine(count));
  return count.failed === 0 ? 0 : 1;
}
