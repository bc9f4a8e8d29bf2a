// Runs a program of the repository on Node 24 with everything installed and built:
// `node tools/dev/run.mjs tools/bench/main.ts startup`.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap, fail, runsOnNode24 } from './bootstrap.mjs';

const [program, ...args] = process.argv.slice(2);
if (program === undefined) fail('Usage: node tools/dev/run.mjs PROGRAM [ARGUMENTS]');
await bootstrap();
if (runsOnNode24()) {
  const file = resolve(program);
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}
