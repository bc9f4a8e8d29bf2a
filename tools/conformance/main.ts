// `npm run conformance -- [--spec DIR] [--mode memory|postgres] [--no-page]`: plays the conformance
// kit of the language on the pure machine and on the services, and writes docs/conformance.md.
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { playKit, readKit, totalOf, type ModeResult } from './kit.ts';
import { memoryMode } from './memory-mode.ts';
import { page, printed } from './report.ts';
import type { Mode } from './run.ts';

const modes: Readonly<Record<string, () => Promise<Mode>>> = {
  memory: async () => memoryMode,
  // Loaded only when it is wanted: it needs everything that was built.
  postgres: async () => (await import('./service-mode.ts')).startServiceMode(),
};
const pageFile = resolve(import.meta.dirname, '../../docs/conformance.md');

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      spec: { type: 'string' },
      mode: { type: 'string' },
      'no-page': { type: 'boolean' },
    },
  });
  // Without `--` before it, npm keeps `--spec` for itself and hands on what follows.
  const spec = values.spec ?? positionals[0] ?? process.env['PARLEY_SPEC_DIR'];
  if (spec === undefined || !existsSync(join(spec, 'ctk'))) {
    const found = spec === undefined ? 'none was given' : `${spec} has no folder ctk`;
    return unusable(
      `Name the folder of the specification's files: --spec DIR or PARLEY_SPEC_DIR (${found}).`,
    );
  }
  const wanted = values.mode === undefined ? Object.keys(modes) : [values.mode];
  const kit = readKit(spec);
  const results: ModeResult[] = [];
  for (const name of wanted) {
    const start = modes[name];
    if (start === undefined) return unusable(`There is no mode "${name}": memory or postgres.`);
    results.push(await playIn(await start(), kit));
  }
  const isWhole = wanted.length === Object.keys(modes).length;
  if (isWhole && values['no-page'] !== true) await writePage(page(results));
  return results.every((result) => totalOf(result).failed === 0) ? 0 : 1;
}

async function playIn(mode: Mode, kit: ReturnType<typeof readKit>): Promise<ModeResult> {
  try {
    const result = await playKit(kit, mode);
    console.log(`${printed(result)}\n`);
    return result;
  } finally {
    await mode.stop();
  }
}

/** As everything in the repository is formatted. */
async function writePage(text: string): Promise<void> {
  const options = await resolveConfig(pageFile);
  writeFileSync(pageFile, await format(text, { ...options, filepath: pageFile }));
}

function unusable(message: string): number {
  console.error(`conformance: ${message}`);
  return 2;
}
