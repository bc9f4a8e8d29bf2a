import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compileDefinition } from './compile.js';

const folder = process.env['PARLEY_SPEC_DIR'];
const suite = folder === undefined ? describe.skip : describe;
const texts = (name: string): [string, string][] =>
  folder === undefined
    ? [['PARLEY_SPEC_DIR is not set', '']]
    : readdirSync(join(folder, name))
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => [file, readFileSync(join(folder, name, file), 'utf8')]);

/** Examples that use nothing that is for later. */
const supported = [
  'call-http-endpoint-interpolation-shorthand.yaml',
  'call-http-endpoint-interpolation.yaml',
  'call-http-query-headers-expressions.yaml',
  'call-http-query-parameters.yaml',
  'call-http-redirect.yaml',
  'conditional-task.yaml',
  'do-multiple.yaml',
  'do-single.yaml',
  'for-inline-array.yaml',
  'fork.yaml',
  'raise-inline.yaml',
  'schedule-cron.yaml',
  'star-wars-homeworld.yaml',
  'switch-then-string.yaml',
  'try-catch-retry-inline.yaml',
  'try-catch.yaml',
  'wait-duration-inline.yaml',
  'wait-duration-iso8601.yaml',
];

suite('the specification (PARLEY_SPEC_DIR)', () => {
  it.each(texts('examples'))('example %s', (file, source) => {
    const { valid, diagnostics, ir } = compileDefinition(source);
    const wrong = diagnostics.filter((one) => one.code !== 'PL1060');
    expect(wrong).toEqual([]);
    expect(valid).toBe(supported.includes(file));
    expect(ir !== undefined).toBe(valid);
  });

  it.each(texts('invalid'))('refuses %s', (_, source) => {
    const { valid, diagnostics } = compileDefinition(source);
    expect(valid).toBe(false);
    expect(diagnostics).toHaveLength(1);
  });
});
