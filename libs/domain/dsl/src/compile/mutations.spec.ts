import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isJsonObject, type Json } from '@parley/kernel';
import { parseDefinition } from '../source/parse.js';
import { toJson } from '../source/tree.js';
import { compileDefinition } from './compile.js';

const goldens = join(import.meta.dirname, '../../goldens');
const catalogue = JSON.parse(readFileSync(join(goldens, 'catalogue.json'), 'utf8')) as never;
const replacements: Json[] = [42, { a: 1 }, [1], null, 'some text', {}, true];

interface Mutant {
  readonly pointer: string;
  readonly value: Json;
}

/** Every definition that differs from `value` in one place. */
function* mutantsOf(value: Json, pointer = ''): Generator<Mutant> {
  for (const other of replacements) yield { pointer, value: other };
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield { pointer: `${pointer}/${index}`, value: value.toSpliced(index, 1) };
      for (const inner of mutantsOf(item, `${pointer}/${index}`)) {
        yield { pointer: inner.pointer, value: value.with(index, inner.value) };
      }
    }
  } else if (isJsonObject(value)) {
    yield { pointer, value: { ...value, foreign: 1 } };
    for (const [key, member] of Object.entries(value)) {
      const at = `${pointer}/${key}`;
      const { [key]: _, ...rest } = value;
      yield { pointer: at, value: rest };
      yield { pointer: at, value: { ...rest, [`other${key}`]: member } };
      for (const inner of mutantsOf(member, at)) {
        yield { pointer: inner.pointer, value: { ...value, [key]: inner.value } };
      }
    }
  }
}

describe('definitions with one mistake', () => {
  it('get one error in at least 99 of 100 cases', () => {
    let one = 0;
    const several: string[] = [];
    for (const name of ['order', 'control-flow', 'resilience', 'data']) {
      const { root } = parseDefinition(readFileSync(join(goldens, `${name}.yaml`), 'utf8'));
      for (const mutant of mutantsOf(root === undefined ? null : toJson(root))) {
        const { diagnostics } = compileDefinition(JSON.stringify(mutant.value), { catalogue });
        const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
        if (errors.length === 1) one += 1;
        if (errors.length > 1) several.push(`${name} ${mutant.pointer}`);
      }
    }
    expect(one).toBeGreaterThan(1500);
    expect(several.length).toBeLessThan(one / 100);
  });
});
