import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { depConstraints } from './boundaries.mjs';
import { projectsOf } from './manifests.ts';
import { readTextFiles, root } from './repository.ts';

/** eslint.config.js as it is, but for the rules that need the types of a whole program. */
let eslint: ESLint;

beforeAll(() => {
  // Without a cached project graph the boundary rule cannot know the projects.
  const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
  execFileSync(process.execPath, [nx, 'show', 'projects'], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false' },
  });
  eslint = new ESLint({
    cwd: root,
    overrideConfig: [tseslint.configs.disableTypeChecked],
  });
}, 60_000);

async function findings(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(root, filePath) });
  return result?.messages.map(({ ruleId, message }) => ruleId ?? message) ?? [];
}

describe('module boundaries', () => {
  const forbidden: [string, string, string][] = [
    ['a domain imports an adapter', 'libs/domain/jq/src/index.ts', '@parley/postgres'],
    ['a domain imports another', 'libs/domain/conversation/src/index.ts', '@parley/engine'],
    ['contracts import a domain', 'libs/contracts/src/index.ts', '@parley/ir'],
    ['the kernel imports contracts', 'libs/kernel/src/index.ts', '@parley/contracts'],
    ['a service imports another', 'apps/workflow/src/main.ts', '../../platform/src/main.js'],
    ['a service imports the SDK', 'apps/workflow/src/main.ts', '@parley/sdk'],
    ['conversations import the engine', 'apps/conversation/src/main.ts', '@parley/engine'],
    ['the console imports the engine', 'apps/console/src/main.tsx', '@parley/engine'],
    ['the CLI imports an adapter', 'apps/cli/src/main.ts', '@parley/outbound'],
  ];

  it.each(forbidden)('refuse that %s', async (_case, file, imported) => {
    expect(await findings(file, `import '${imported}';\n`)).toEqual([
      '@nx/enforce-module-boundaries',
    ]);
  });

  it('allow what the dependency rule allows', async () => {
    expect(await findings('libs/domain/engine/src/index.ts', "import '@parley/ir';\n")).toEqual([]);
    expect(await findings('apps/cli/src/main.ts', "import '@parley/sdk';\n")).toEqual([]);
  });

  it('know every layer, and every scope that is not for all', () => {
    const known = new Set(depConstraints.map(({ sourceTag }) => sourceTag));
    const unknown = projectsOf(readTextFiles())
      .flatMap(({ manifest }) => manifest.nx?.tags ?? [])
      .filter((tag) => /^(?:layer|scope):/.test(tag) && !known.has(tag));
    const forAll = ['adapters', 'contracts', 'kernel', 'kit', 'sdk', 'testing'];
    expect([...new Set(unknown)].sort()).toEqual(forAll.map((name) => `scope:${name}`));
  });
});

describe('purity of domain code', () => {
  const impure: [string, string][] = [
    ["import 'node:fs';\n", 'no-restricted-imports'],
    ["import 'fs';\n", 'no-restricted-imports'],
    ["import '@nestjs/common';\n", 'no-restricted-imports'],
    ["export const read = () => import('node:fs');\n", 'no-restricted-syntax'],
    ['export const now = () => Date.now();\n', 'no-restricted-properties'],
    ['export const now = () => new Date();\n', 'no-restricted-syntax'],
    ['export const roll = () => Math.random();\n', 'no-restricted-properties'],
    ['export const env = () => process.env;\n', 'no-restricted-globals'],
    ['export const id = () => crypto.randomUUID();\n', 'no-restricted-globals'],
    ["export const get = () => fetch('http://a.example');\n", 'no-restricted-globals'],
    ['export const later = (f: () => void) => setTimeout(f, 1);\n', 'no-restricted-globals'],
  ];

  it.each(impure)('refuses %j', async (code, rule) => {
    expect(await findings('libs/domain/engine/src/index.ts', code)).toEqual([rule]);
    expect(await findings('libs/kernel/src/index.ts', code)).toContain(rule);
  });

  it('allows a time that is given', async () => {
    const code = 'export const text = (ms: number) => new Date(ms).toISOString();\n';
    expect(await findings('libs/domain/engine/src/index.ts', code)).toEqual([]);
  });
});
