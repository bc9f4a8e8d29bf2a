// Builds one project: `node tools/build/build.mjs libs/kernel`. Prisma client first where there is
// a schema, then swc file by file into dist/ (never bundled: Nest needs decorator metadata as
// written), or `vite build` where there is a vite.config.ts.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  rmSync,
  writeFileSync,
  readFileSync,
  copyFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createRequire } from 'node:module';

import { swcOptions } from './swc-options.mjs';

const root = resolve(import.meta.dirname, '../..');
const require = createRequire(join(root, 'package.json'));

for (const project of process.argv.slice(2)) build(resolve(root, project));

function build(dir) {
  if (existsSync(join(dir, 'prisma/schema.prisma'))) generatePrismaClient(dir);
  if (existsSync(join(dir, 'vite.config.ts'))) {
    run(viteOf(dir), ['build', '--logLevel', 'warn'], dir);
    return;
  }
  transpile(dir);
}

/** npm may keep vite beside the project instead of at the root. */
function viteOf(dir) {
  const manifest = createRequire(join(dir, 'package.json')).resolve('vite/package.json');
  return join(dirname(manifest), 'bin/vite.js');
}

function generatePrismaClient(dir) {
  rmSync(join(dir, 'src/generated'), { recursive: true, force: true });
  run(
    'node_modules/prisma/build/index.js',
    ['generate', '--no-hints', '--schema', 'prisma/schema.prisma'],
    dir,
  );
}

function transpile(dir) {
  const { transformSync } = require('@swc/core');
  rmSync(join(dir, 'dist'), { recursive: true, force: true });
  for (const file of globSync('src/**/*', { cwd: dir, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const source = join(file.parentPath, file.name);
    const target = join(dir, 'dist', source.slice(join(dir, 'src').length + 1));
    if (file.name.endsWith('.spec.ts') || file.name.endsWith('.d.ts')) continue;
    mkdirSync(dirname(target), { recursive: true });
    if (!file.name.endsWith('.ts')) {
      copyFileSync(source, target);
      continue;
    }
    const { code, map } = transformSync(readFileSync(source, 'utf8'), {
      ...swcOptions,
      filename: source,
    });
    const js = target.replace(/\.ts$/, '.js');
    writeFileSync(js, `${code}\n//# sourceMappingURL=${file.name.replace(/\.ts$/, '.js.map')}\n`);
    writeFileSync(`${js}.map`, map);
  }
}

function run(script, args, cwd) {
  execFileSync(process.execPath, [resolve(root, script), ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1' },
  });
}
