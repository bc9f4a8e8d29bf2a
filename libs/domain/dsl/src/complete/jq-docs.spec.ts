import { compile } from '@parley/jq';
import { describe, expect, it } from '@jest/globals';
import { jqFormats, jqFunctions } from './jq-docs.js';

/** `map(f)` → `map/1`. */
function signatureOf(call: string): string {
  const [, name = '', parameters] = /^(\w+)(\(.*\))?$/.exec(call) ?? [];
  return `${name}/${parameters === undefined ? 0 : parameters.split(';').length}`;
}

describe('jqFunctions', () => {
  it('has every function once, and no other', () => {
    const program = compile('builtins');
    const known = program.ok ? (program.value.first(null) as string[]) : [];
    const documented = jqFunctions.map(({ call }) => signatureOf(call));
    expect(documented.toSorted()).toEqual(known.toSorted());
  });

  it.each(Object.keys(jqFormats))('%s is a format', (name) => {
    expect(compile(name).ok).toBe(true);
  });
});
