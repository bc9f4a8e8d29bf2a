import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const spec = process.env['PARLEY_SPEC_DIR'];
const kitIt = spec === undefined ? it.skip : it;
const root = resolve(import.meta.dirname, '../..');

/** Runs the program as a person does. */
function conformance(args: string[]): Promise<{ code: number; output: string }> {
  const command = ['tools/dev/run.mjs', 'tools/conformance/main.ts', ...args];
  return new Promise((done) => {
    execFile(process.execPath, command, { cwd: root }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? 1);
      done({ code, output: stdout + stderr });
    });
  });
}

describe('npm run conformance (needs PARLEY_SPEC_DIR)', () => {
  kitIt(
    'passes on the PostgreSQL shell',
    async () => {
      const { code, output } = await conformance(['--mode', 'postgres']);
      if (code !== 0) throw new Error(output);
      expect(output).toMatch(/total +\d+ passed, 0 failed/);
    },
    300_000,
  );

  it('says how to name the folder', async () => {
    const { code, output } = await conformance(['--spec', '/nowhere']);
    expect(code).toBe(2);
    expect(output).toMatch(/--spec DIR or PARLEY_SPEC_DIR \(\/nowhere has no folder ctk\)/);
  }, 120_000);
});
