// `npm run verify`: format, lint, types, unused code, cycles, unit tests and goldens; what a commit
// should pass.
import { spawn } from 'node:child_process';
import { bootstrap, fail, runsOnNode24 } from './bootstrap.mjs';

/**
 * The long one first: two steps run at a time, so the others pass beside it. The goldens are among the
 * unit tests; made-up cases by the hundred are left to `npm test`.
 */
const steps = [
  { name: 'lint', command: script('lint') },
  { name: 'format', command: ['prettier', '--check', '--log-level=warn', '.'] },
  { name: 'types', command: script('types') },
  { name: 'unused', command: script('unused') },
  { name: 'cycles', command: script('cycles') },
  {
    name: 'unit tests and goldens',
    command: [
      ...script('jest'),
      '--testPathIgnorePatterns',
      String.raw`\.(int|e2e|sim)\.spec\.ts$`,
      '/node_modules/',
      '/dist/',
      '/fixtures/',
    ],
  },
];

await bootstrap();
if (runsOnNode24()) {
  const since = performance.now();
  const failed = await inTwoLanes(steps);
  await sayLongFiles();
  const seconds = inSeconds(since);
  console.log(
    failed.length === 0
      ? `verify passed (${seconds})`
      : `verify failed (${seconds}): ${failed.join(', ')}`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function script(name) {
  return ['npm', 'run', '-s', name, '--'];
}

/** @returns the names of the steps that failed */
async function inTwoLanes(all) {
  const waiting = [...all];
  const failed = [];
  const lane = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      if (!(await passes(step))) failed.push(step.name);
    }
  };
  await Promise.all([lane(), lane()]);
  return failed;
}

/** Prints what the command said only if it failed. */
async function passes({ name, command }) {
  const since = performance.now();
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  child.stdout.on('data', (part) => output.push(part));
  child.stderr.on('data', (part) => output.push(part));
  const code = await new Promise((done) => {
    child.once('error', (error) => fail(`cannot run ${program}: ${error.message}`));
    child.once('close', (status) => done(status ?? 1));
  });
  if (code !== 0) console.log(`\n${failuresIn(Buffer.concat(output).toString())}\n`);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(24)} ${inSeconds(since)}`);
  return code === 0;
}

/** Jest names what passed too. */
function failuresIn(output) {
  const lines = output.split('\n').filter((line) => !line.startsWith('PASS '));
  return lines.join('\n').trim();
}

/** For information. */
async function sayLongFiles() {
  const { readTextFiles } = await import('../tidy/repository.ts');
  const { longFilesOf } = await import('../tidy/long-files.ts');
  const long = longFilesOf(readTextFiles());
  if (long.length > 0) console.log(`\nLong files\n${long.join('\n')}\n`);
}

function inSeconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
