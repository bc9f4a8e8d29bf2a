// What stands between a fresh clone and a running program: the right Node, the packages, the build.
// Needs nothing but Node's own modules, and runs on the machine's Node.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whenParentDies } from './parent-watch.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const node24 = join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);

/**
 * Installs and builds what is missing. On another Node than 24 it then runs the same program once
 * more on Node 24 and passes its exit code on; programs go on only if `runsOnNode24()`.
 */
export async function bootstrap() {
  checkMachineNode();
  prepareEnvironment();
  const { ensureInstalled } = await import('./ensure-installed.mjs');
  await ensureInstalled(root, fail);
  if (!runsOnNode24()) {
    process.exitCode = await runOnNode24();
    return;
  }
  const { ensureBuilt } = await import('./ensure-built.mjs');
  await ensureBuilt(root, fail);
}

export function runsOnNode24() {
  return process.versions.node.startsWith('24.');
}

/** Ends the program with one line that names cause and cure. */
export function fail(message) {
  console.error(`parley: ${message}`);
  process.exit(1);
}

function checkMachineNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `needs Node 20.19 or newer to start, this is ${process.versions.node}. Get one from https://nodejs.org`,
  );
}

function prepareEnvironment() {
  const bin = join(root, 'node_modules/.bin');
  const paths = (process.env.PATH ?? '').split(delimiter).filter((path) => path !== bin);
  process.env.PATH = [bin, ...paths].join(delimiter);
  // Prisma's engine is not needed and cannot be downloaded everywhere.
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= existsSync('/bin/true')
    ? '/bin/true'
    : '/usr/bin/true';
  process.env.CHECKPOINT_DISABLE ??= '1';
  process.env.NX_DAEMON ??= 'false';
}

function runOnNode24() {
  if (!existsSync(node24)) {
    fail(
      `there is no Node 24 package for ${process.platform} ${process.arch}. ` +
        'Install Node 24 from https://nodejs.org and start again with it.',
    );
  }
  const args = [...process.execArgv, process.argv[1], ...process.argv.slice(2)];
  const env = { ...process.env, PARLEY_FIRST_STAGE: String(process.pid) };
  const child = spawn(node24, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  whenParentDies(() => child.kill('SIGTERM'));
  return new Promise((done) => {
    child.once('error', (error) => fail(`cannot run ${node24}: ${error.message}`));
    child.once('exit', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
