import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import nx from '@nx/eslint-plugin';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { depConstraints } from './boundaries.mjs';

const root = resolve(import.meta.dirname, '../..');

/** The boundary rule alone, with the very constraints of eslint.config.js. */
function boundaryLint(): ESLint {
  return new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.ts'],
        languageOptions: { parser: tseslint.parser as never },
        plugins: { '@nx': nx as never },
        rules: {
          '@nx/enforce-module-boundaries': [
            'error',
            { enforceBuildableLibDependency: false, depConstraints },
          ],
        },
      },
    ],
  });
}

async function findings(filePath: string, code: string): Promise<string[]> {
  const [result] = await boundaryLint().lintText(code, { filePath: resolve(root, filePath) });
  return result?.messages.map((message) => message.message) ?? [];
}

describe('module boundaries', () => {
  // Without a cached project graph the rule skips itself with only a warning.
  beforeAll(() => {
    execFileSync('npx', ['nx', 'show', 'projects'], {
      cwd: root,
      env: { ...process.env, NX_DAEMON: 'false' },
    });
  }, 60_000);

  const forbidden: [string, string, string][] = [
    ['a domain imports an adapter', 'libs/domain/jq/src/index.ts', '@parley/postgres'],
    ['contracts import a domain', 'libs/contracts/src/index.ts', '@parley/ir'],
    ['the kernel imports contracts', 'libs/kernel/src/index.ts', '@parley/contracts'],
    ['a service imports another', 'apps/workflow/src/main.ts', '@parley/conversation'],
    ['the console imports the engine', 'apps/console/src/main.tsx', '@parley/engine'],
  ];

  it.each(forbidden)('refuse that %s', async (_case, file, imported) => {
    const found = await findings(file.replace('.tsx', '.ts'), `import '${imported}';\n`);
    expect(found.length).toBeGreaterThan(0);
  });

  it('allow what the dependency rule allows', async () => {
    expect(await findings('libs/domain/engine/src/index.ts', "import '@parley/ir';\n")).toEqual([]);
  });
});
