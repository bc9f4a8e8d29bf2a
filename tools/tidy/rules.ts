import type { TextFile } from './repository.ts';

/** A habit that every file keeps; `broken` says where it does not. */
export interface Rule {
  readonly name: string;
  readonly appliesTo: (path: string) => boolean;
  readonly broken: (file: TextFile) => string[];
}

export const linesMax = 400;
/** Tables of cases grow longer than code before they hold two ideas. */
const testLinesMax = 700;

/** Files that may be longer, each up to the length it has: shrink them, do not raise the number. */
export const longFiles: Readonly<Record<string, number>> = {
  // One table: every route of the API.
  'libs/contracts/src/routes.ts': 700,
  'apps/workflow/src/engine/engine.ts': 420,
  'libs/domain/agent/src/draft/insert.ts': 430,
  'libs/domain/agent/src/plan/conditions.ts': 510,
  'libs/domain/agent/src/request/block.ts': 650,
  'libs/domain/agent/src/tools/apply-tool-call.ts': 420,
};

const code = /\.(?:[cm]?[jt]s|tsx)$/;
const isTest = (path: string) =>
  path.endsWith('.spec.ts') || /(?:^|\/)(?:test|testing|fixtures)\//.test(path);
const isConfig = (path: string) => /(?:\.config|^\.[\w-]+)\.[cm]?[jt]s$/.test(path);
/** This folder names what it forbids. */
const isTidy = (path: string) => path.startsWith('tools/tidy/');
const isGolden = (path: string) =>
  /(?:^|\/)(?:goldens|scenarios|histories|__snapshots__)\//.test(path);

const kindSuffix = 'service|dto|utils?|helpers?|interfaces?|constants?|types?';
const drawer = 'utils?|helpers?|common|shared';
/** `run.service.ts`; or `common/` and `helpers.ts`, drawers that fill up with anything. */
const badName = new RegExp(
  String.raw`\.(?:${kindSuffix})(?:\.spec)?\.[cm]?[jt]sx?$|(?:^|/)(?:${drawer})(?:/|(?:\.spec)?\.[cm]?[jt]sx?$)`,
);

function linesMatching(pattern: RegExp, instead: string): Rule['broken'] {
  return ({ path, text }) =>
    text.split('\n').flatMap((line, at) => {
      const match = pattern.exec(line);
      return match === null ? [] : [`${path}:${String(at + 1)}: ${match[0].trim()} — ${instead}`];
    });
}

export const rules: readonly Rule[] = [
  {
    name: 'names say what is inside, not what kind of thing it is',
    appliesTo: (path) => code.test(path),
    broken: ({ path }) => (badName.test(path) ? [`${path}: name it after what it does`] : []),
  },
  {
    name: 'files are named in kebab-case',
    appliesTo: (path) => code.test(path),
    broken: ({ path }) =>
      /^[a-z0-9.-]+$/.test(path.slice(path.lastIndexOf('/') + 1)) ? [] : [`${path}: kebab-case`],
  },
  {
    name: 'every test runs',
    appliesTo: (path) => path.endsWith('.spec.ts') && !isTidy(path),
    broken: linesMatching(
      /\b(?:describe|it|test)\.only\b|\b(?:fdescribe|fit|xdescribe|xit|xtest)\(|\b(?:it|test)\.todo\b/,
      'run all of them',
    ),
  },
  {
    name: 'what is unfinished is not in the code',
    appliesTo: (path) => !isTidy(path) && !isGolden(path) && !isTest(path),
    broken: linesMatching(/\b(?:TODO|FIXME|XXX)\b/, 'finish it or leave it out'),
  },
  {
    name: 'services log; only tools and tests print',
    appliesTo: (path) => /^(?:apps|libs)\//.test(path) && code.test(path) && !isTest(path),
    // An example in a doc comment, or of the language, may print.
    broken: linesMatching(
      /^(?!\s*(?:\*|example: ")).*\bconsole\.\w+\(/,
      'use the log that is injected',
    ),
  },
  {
    name: 'exports have names',
    appliesTo: (path) => code.test(path) && !isConfig(path) && !isTidy(path),
    broken: linesMatching(/^export default\b/, 'export a name'),
  },
  {
    name: 'the repository stands on its own',
    appliesTo: (path) => path !== '.ci/run' && !isTidy(path),
    broken: linesMatching(/\.\.\/shared\/|\/work\/|\/tmp\/bash_jobs/, 'no path outside of it'),
  },
  {
    name: 'the repository speaks of the product alone',
    appliesTo: (path) => !isTidy(path) && !isGolden(path),
    broken: linesMatching(
      /\bhelper agents?\b|\bissue #\d+|\b(?:this|previous|earlier|next|last) (?:coding )?session\b|\bAI[- ]generated\b|\b(?:written|generated) by (?:an )?(?:AI|LLM)\b|\bclaude\b|\bchatgpt\b|\bCEO\b|\bas an AI\b|\b(?:BRIEF|DESIGN|ENGINE|STYLE|FEATURES)\.md\b|\bseeds\/\d/i,
      'say what holds, not how it came about',
    ),
  },
  {
    name: 'a file holds one idea',
    appliesTo: (path) => code.test(path),
    broken: ({ path, text }) => {
      const lines = lineCount(text);
      const allowed = longFiles[path] ?? (isTest(path) ? testLinesMax : linesMax);
      return lines > allowed
        ? [`${path}: ${String(lines)} lines, at most ${String(allowed)}: two files`]
        : [];
    },
  },
];

export function lineCount(text: string): number {
  return text.split('\n').length - 1;
}

export function brokenBy(file: TextFile): string[] {
  return rules
    .filter((rule) => rule.appliesTo(file.path))
    .flatMap((rule) => rule.broken(file).map((where) => `${rule.name}: ${where}`));
}
