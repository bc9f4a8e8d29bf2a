import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = resolve(import.meta.dirname, '../../../..');
const folder = mkdtempSync(join(tmpdir(), 'parley-language-'));
const head = "document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }\n";

function parley(args: readonly string[], input = '') {
  const env = { PATH: process.env['PATH'] };
  const options = { cwd: folder, input, encoding: 'utf8', env } as const;
  return spawnSync(process.execPath, [join(root, 'apps/cli/dist/main.js'), ...args], options);
}

beforeAll(() => {
  writeFileSync(join(folder, 'right.yaml'), `${head}do: [{ a: { wait: PT1S } }]\n`);
  writeFileSync(join(folder, 'wrong.yaml'), `${head}do: [{ a: { wait: soon } }]\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('as a process', () => {
  it.each([
    [['dsl', 'validate', 'right.yaml'], 0],
    [['dsl', 'validate', 'wrong.yaml', '-o', 'json'], 1],
    [['dsl', 'validate', 'nowhere.yaml'], 2],
    [['dsl', 'validate', '-'], 1],
    [['-o', 'json', 'dsl', 'validate', 'right.yaml'], 0],
    [['dsl', 'breaking', 'right.yaml', 'right.yaml'], 0],
    [['jq', '.a'], 0],
    [['jq', '.a |'], 3],
    [['jq', '.[0]'], 5],
    [['jq', '.', 'nowhere.json'], 2],
  ])('%j ends with %d', (args, status) => {
    const result = parley(args, '{"a":1}');
    expect([result.status, result.stderr]).toEqual([status, expect.any(String)]);
    if (status === 2) expect(result.stdout).toBe('');
  });

  it('is not stopped by a reader that has seen enough', () => {
    const program = "$1 $2 jq -n 'range(100000)' | head -1";
    const main = join(root, 'apps/cli/dist/main.js');
    const result = spawnSync('sh', ['-c', program, 'sh', process.execPath, main], {
      encoding: 'utf8',
    });
    expect(result).toMatchObject({ status: 0, stdout: '0\n', stderr: '' });
  });
});
