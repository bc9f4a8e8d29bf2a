import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { HostileResult } from './child.js';
import type { Growth } from './growth-child.js';

/** What a process may use for its objects; some of it is the compiler and its libraries. */
const heapMebibytesMax = 256;

/** Lets plain Node run the sources: relative `.js` imports mean `.ts` files. */
const hooks = `
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('.') || !specifier.endsWith('.js')) return next(specifier, context);
    const source = new URL(specifier.replace(/[.]js$/, '.ts'), context.parentURL);
    return next(existsSync(fileURLToPath(source)) ? source.href : specifier, context);
  },
});`;

/** Runs the hostile texts of these indices in a process of their own with little memory. */
export function runHostile(indices: readonly number[]): Promise<HostileResult[]> {
  return runChild('child.ts', indices.map(String));
}

/** Counts the work on each kind of growing text, in a process of its own that counts from the start. */
export function runGrowing(): Promise<Growth[]> {
  return runChild('growth-child.ts', []);
}

/** The lines of JSON that a process says. */
async function runChild<Line extends { readonly name: string }>(
  file: string,
  args: readonly string[],
): Promise<Line[]> {
  const child = spawn(
    process.execPath,
    [
      `--max-old-space-size=${heapMebibytesMax}`,
      '--conditions=parley-source',
      '--experimental-transform-types',
      '--disable-warning=ExperimentalWarning',
      `--import=data:text/javascript,${encodeURIComponent(hooks)}`,
      join(import.meta.dirname, file),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const lines = output.split('\n').slice(0, -1);
  const results = lines.map((line) => JSON.parse(line) as Line);
  if (code !== 0) {
    const last = results.at(-1)?.name ?? 'the start';
    throw new Error(`the process died (${code}) after "${last}": ${errors.slice(0, 2_000)}`);
  }
  return results;
}
