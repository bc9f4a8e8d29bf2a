import { expect, it } from '@jest/globals';
import { compileDefinition } from '@parley/dsl';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const docs = resolve(import.meta.dirname, '../../../docs');

const pages = ['workers', 'compensation', 'order-and-limits', 'processes', 'run-history'];

it.each(pages)('the page about %s shows a definition that runs', (page) => {
  const text = readFileSync(resolve(docs, `${page}.md`), 'utf8');
  const [, example = ''] = /```yaml\n([^]*?)```/.exec(text) ?? [];
  const document = `document: { dsl: 1.0.3, namespace: docs, name: ${page}, version: 1.0.0 }\n`;
  const isWhole = example.startsWith('document:');
  const { ir, diagnostics } = compileDefinition(isWhole ? example : document + example);
  expect(diagnostics.filter(({ code }) => code !== 'PL1065')).toEqual([]);
  expect(ir).toBeDefined();
});
