import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lockfileHoles, type Lockfile } from './lockfile.ts';
import {
  brokenImports,
  brokenTags,
  brokenVersions,
  projectsOf,
  type Manifest,
} from './manifests.ts';
import { readTextFiles, root } from './repository.ts';
import { brokenBy, lineCount, linesMax, longFiles, rules } from './rules.ts';

const files = readTextFiles();
const projects = projectsOf(files);
const workspace = JSON.parse(
  files.find(({ path }) => path === 'package.json')?.text ?? '{}',
) as Manifest;

describe('the repository', () => {
  it.each(rules)('$name', (rule) => {
    const found = files.filter(({ path }) => rule.appliesTo(path)).flatMap(rule.broken);
    expect(found).toEqual([]);
  });

  it('has no leave for long files that no longer need it', () => {
    const length = new Map(files.map(({ path, text }) => [path, lineCount(text)]));
    const idle = Object.keys(longFiles).filter((path) => (length.get(path) ?? 0) <= linesMax);
    expect(idle).toEqual([]);
  });

  it('tags every project', () => {
    expect(projects.length).toBeGreaterThan(20);
    expect(projects.flatMap(brokenTags)).toEqual([]);
  });

  it('locks the packages of every platform', () => {
    const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
    expect(lockfileHoles(JSON.parse(text) as Lockfile)).toEqual([]);
  });

  it('pins every version', () => {
    const all = [...projects, { folder: '.', manifest: workspace }];
    expect(all.flatMap(brokenVersions)).toEqual([]);
  });

  it('declares what it imports, project by project', () => {
    expect(projects.flatMap((one) => brokenImports(one, files, workspace))).toEqual([]);
  });
});

describe('the rules', () => {
  const bad: [string, string][] = [
    ['apps/a/src/run.service.ts', ''],
    ['apps/a/src/utils/text.ts', ''],
    ['libs/a/src/shared/text.ts', ''],
    ['libs/a/src/date.util.ts', ''],
    ['libs/a/src/helpers.ts', ''],
    ['libs/a/src/run.types.ts', ''],
    ['libs/a/src/RunStore.ts', ''],
    ['libs/a/src/a.spec.ts', 'it.only("x", () => {});'],
    ['libs/a/src/a.spec.ts', 'xit("x", () => {});'],
    ['libs/a/src/a.ts', '// TODO later'],
    ['README.md', 'FIXME'],
    ['apps/a/src/a.ts', '  console.log(1);'],
    ['tools/a.mjs', 'export default 1;'],
    ['README.md', 'see ../shared/spec'],
    ['tools/a.ts', "const home = '/work/main';"],
    ['README.md', 'Closes issue #7.'],
    ['libs/a/src/a.ts', '// done in this session'],
    ['libs/a/src/a.ts', '// see DESIGN.md'],
    ['libs/a/src/a.ts', '\n'.repeat(linesMax + 1)],
  ];

  it.each(bad)('refuse %s %j', (path, text) => {
    expect(brokenBy({ path, text })).toHaveLength(1);
  });

  const good: [string, string][] = [
    ['apps/a/src/session-store.ts', '// the session of a browser'],
    ['apps/a/src/service.ts', 'export const service = {};'],
    ['libs/a/src/types.spec.ts', ''],
    ['libs/a/src/a.ts', ' * console.log(run.status)'],
    ['eslint.config.js', 'export default [];'],
    ['tools/a.mjs', 'console.log(1);'],
    ['.ci/run', 'spec=../shared/spec'],
    ['libs/a/src/a.ts', '// issued by the platform'],
  ];

  it.each(good)('allow %s %j', (path, text) => {
    expect(brokenBy({ path, text })).toEqual([]);
  });

  it('refuse a project without tags, with a loose version or an undeclared import', () => {
    const manifest: Manifest = { name: 'a', dependencies: { b: '^1.0.0' } };
    const project = { folder: 'libs/a', manifest };
    expect(brokenTags(project)).toHaveLength(3);
    expect(brokenVersions(project)).toHaveLength(1);
    const source = {
      path: 'libs/a/src/a.ts',
      text: "import { x } from 'c/d';\nimport 'node:fs';\n",
    };
    expect(brokenImports(project, [source], {})).toEqual([
      'libs/a/package.json: libs/a/src/a.ts imports c',
    ]);
  });

  it('refuse a lockfile without the package of a platform', () => {
    const packages = {
      '': {},
      'node_modules/a': { optionalDependencies: { 'a-linux': '1.0.0', 'a-darwin': '1.0.0' } },
      'node_modules/a/node_modules/a-linux': {},
    };
    expect(lockfileHoles({ packages })).toEqual(['node_modules/a needs a-darwin']);
  });
});
