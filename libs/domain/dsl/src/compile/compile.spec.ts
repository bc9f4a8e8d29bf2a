import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { renderDefinition } from '../render/render.js';
import { parseDefinition } from '../source/parse.js';
import { toJsonObject } from '../source/tree.js';
import { compileDefinition } from './compile.js';

const goldens = join(import.meta.dirname, '../../goldens');

/** Compares with a golden IR; `UPDATE_GOLDEN=1` writes it. */
function golden(name: string, codes: readonly string[] = []): void {
  const source = readFileSync(join(goldens, `${name}.yaml`), 'utf8');
  const read = (file: string) => JSON.parse(readFileSync(join(goldens, file), 'utf8')) as never;
  const { ir, diagnostics, sideEffects } = compileDefinition(source, {
    catalogue: read('catalogue.json'),
    lock: read('lock.json'),
    timezone: 'Europe/Berlin',
  });
  expect(diagnostics.filter(({ code }) => !codes.includes(code))).toEqual([]);
  const file = join(goldens, `${name}.json`);
  const actual = `${JSON.stringify({ sideEffects, ir }, null, 2)}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(file)) writeFileSync(file, actual);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(actual));
}

describe('golden IR', () => {
  it.each(['order', 'control-flow', 'resilience', 'data'])('%s', (name) => {
    golden(name);
  });

  const whole = 'extensions functions events calls run authentication loose schedule'.split(' ');
  it.each(whole)('%s', (name) => {
    golden(name, ['PL1060', 'PL1065', 'PL1070']);
  });
});

describe('equal definitions give equal IR', () => {
  const source = readFileSync(join(goldens, 'resilience.yaml'), 'utf8');
  const hashOf = (text: string) => compileDefinition(text).ir?.hash;

  it('whatever their comments and layout', () => {
    const { root } = parseDefinition(source);
    if (root?.kind !== 'map') throw new Error('golden is no object');
    const definition = toJsonObject(root);
    expect(hashOf(source)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf(renderDefinition(definition))).toBe(hashOf(source));
    expect(hashOf(JSON.stringify(definition))).toBe(hashOf(source));
    expect(hashOf(`# more\n${source.replaceAll(/: (\w+)$/gm, ':   $1   # why not')}`)).toBe(
      hashOf(source),
    );
  });

  it('whatever the order of members that have none', () => {
    const one =
      "document: { dsl: '1.0.3', namespace: a, name: b, version: 0.1.0 }\ndo: [{ s: { call: connector, with: { connector: c, operation: o, input: { a: 1, b: '${ .x }' } }, if: .y } }]";
    const other =
      "do: [{ s: { if: .y, with: { operation: o, input: { b: '${ .x }', a: 1 }, connector: c }, call: connector } }]\ndocument: { version: 0.1.0, name: b, namespace: a, dsl: '1.0.3' }";
    expect(hashOf(other)).toBe(hashOf(one));
  });

  it('but not when a condition differs', () => {
    expect(hashOf(source.replace('.status >= 500', '.status >= 501'))).not.toBe(hashOf(source));
  });
});
