import { expect, it } from '@jest/globals';
import { compileDefinition } from '@parley/dsl';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const page = resolve(import.meta.dirname, '../../../../docs/workers.md');

it('the page about workers shows a definition that runs', () => {
  const [, example] = /```yaml\n([^]*?)```/.exec(readFileSync(page, 'utf8')) ?? [];
  const document = '{ dsl: 1.0.3, namespace: docs, name: workers, version: 1.0.0 }';
  const { ir, diagnostics } = compileDefinition(`document: ${document}\n${example ?? ''}`);
  expect(diagnostics).toEqual([]);
  expect(ir).toBeDefined();
});
