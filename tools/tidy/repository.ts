import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** A text file of the repository; the path has forward slashes and starts at the root. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** What tools write or fetch: nobody edits it. */
const notSources = new Set([
  '.git',
  '.nx',
  '.parley',
  'coverage',
  'dist',
  'generated',
  'node_modules',
  'test-results',
]);
const textFile =
  /\.(?:c?js|m?js|m?ts|tsx|css|html|json|md|proto|sh|sql|prisma|svg|txt|ya?ml)$|(?:^|\/)(?:run|LICENSE|Dockerfile|\.[a-z]+)$/;

/** Every text file below `folder` that people write. */
export function readTextFiles(folder = ''): TextFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return notSources.has(entry.name) ? [] : readTextFiles(path);
    if (!entry.isFile() || !textFile.test(path) || path === 'package-lock.json') return [];
    return [{ path, text: readFileSync(join(root, path), 'utf8') }];
  });
}
