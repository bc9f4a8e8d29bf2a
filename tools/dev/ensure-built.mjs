// Builds when a source has changed since the last build. Nx knows better what to build, but takes
// seconds to find out that it is nothing; this takes a tenth of one.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withLock } from './file-lock.mjs';

/** Folders that are results, not sources. */
const results = new Set(['node_modules', 'dist', 'generated', 'coverage']);
const sources = [
  'apps',
  'libs',
  'tools/build',
  'package-lock.json',
  'nx.json',
  'tsconfig.base.json',
];
const failureLines = 60;
const outputMaxBytes = 16 * 1024 * 1024;

export async function ensureBuilt(root, fail) {
  const marker = join(root, 'node_modules/.cache/parley/build.json');
  if (isCurrent(root, marker)) return;
  await withLock(root, 'build', () => {
    const fingerprint = fingerprintOf(root);
    if (isCurrent(root, marker, fingerprint)) return;
    build(root, fail);
    mkdirSync(dirname(marker), { recursive: true });
    writeFileSync(marker, JSON.stringify({ fingerprint, outputs: outputsOf(root) }));
  });
}

function isCurrent(root, marker, fingerprint = fingerprintOf(root)) {
  if (!existsSync(marker)) return false;
  const last = JSON.parse(readFileSync(marker, 'utf8'));
  return (
    last.fingerprint === fingerprint &&
    last.outputs.every((output) => existsSync(join(root, output)))
  );
}

function build(root, fail) {
  const first = !existsSync(join(root, 'libs/kernel/dist'));
  // Results of the program that is to run go to the other stream.
  console.error(
    first ? 'Building (the first build takes a minute or two) …' : 'Building what changed …',
  );
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
  const options = { cwd: root, encoding: 'utf8', maxBuffer: outputMaxBytes, env };
  const { status, stdout, stderr, error } = spawnSync('npm', ['run', '-s', 'build'], options);
  if (status === 0) return;
  // Nx prints every project; what failed comes last.
  console.error(
    `${stdout ?? ''}${stderr ?? ''}`.trimEnd().split('\n').slice(-failureLines).join('\n'),
  );
  fail(`the build failed${error === undefined ? '; the cause is above' : `: ${error.message}`}.`);
}

/** Path, size and time of every source. */
function fingerprintOf(root) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (!stat.isDirectory()) {
      if (!/\.spec\.tsx?$/.test(path)) hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
      return;
    }
    for (const name of readdirSync(join(root, path)).sort()) {
      if (!results.has(name)) visit(join(path, name));
    }
  };
  for (const source of sources) visit(source);
  return hash.digest('hex');
}

/** One file or folder per project whose absence means that its build is gone. */
function outputsOf(root) {
  return ['apps', 'libs', 'libs/domain', 'libs/adapters']
    .filter((group) => existsSync(join(root, group)))
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name, 'dist')))
    .filter((output) => existsSync(join(root, output)));
}
