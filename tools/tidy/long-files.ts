import type { TextFile } from './repository.ts';
import { lineCount } from './rules.ts';

/** From here on a file probably holds two ideas; said by `npm run verify`, forbidden only later. */
const reportedLines = 300;

/** Code that has grown long, longest first: `451 apps/…/engine.ts`. */
export function longFilesOf(files: readonly TextFile[]): string[] {
  return files
    .filter(({ path }) => /\.tsx?$/.test(path) && !/\.spec\.ts$|\/test\//.test(path))
    .map(({ path, text }) => ({ path, lines: lineCount(text) }))
    .filter(({ lines }) => lines >= reportedLines)
    .sort((a, b) => b.lines - a.lines)
    .map(({ path, lines }) => `${String(lines).padStart(4)} ${path}`);
}
