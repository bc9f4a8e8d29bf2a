import { describe, expect, it } from '@jest/globals';
import { compile } from '@parley/jq';
import type { Json, JsonObject } from '@parley/kernel';
import { assert, dictionary, jsonValue, property, string } from 'fast-check';
import { describeExtended, descriptorOf } from './extended.js';

const running: JsonObject = { name: 'tell', reference: '/use/x', input: { a: 1 }, startedAt: 7 };

function evaluate(source: string, extended: JsonObject): Json | undefined {
  const program = compile(describeExtended(source, extended), { variables: ['task', 'context'] });
  if (!program.ok) throw new Error(program.error.message);
  return program.value.run({ x: 1 }, { variables: { task: running, context: { c: 2 } } })[0];
}

describe('$task in extensions', () => {
  const definition = { call: 'http', with: { method: 'get' }, input: { from: '.a' } };
  const extended = descriptorOf('pay', '/do/0/pay', definition);

  it.each([
    ['$task.name', 'pay'],
    ['"\\($task.reference) \\(.x)"', '/do/0/pay 1'],
    ['$task.with.method', 'get'],
    ['$task.definition.input.from', '.a'],
    ['$task.unknown', null],
    ['$task.input.a', 1],
    ['[$task | .name, .startedAt, .call]', ['pay', 7, 'http']],
    ['$task["name"]', 'pay'],
    ['$context.c', 2],
    ['def twice: . * 2; .x | twice', 2],
    ['def name: $task.name; name # and no more', 'pay'],
  ])('%s', (source, expected) => {
    expect(evaluate(source, extended)).toEqual(expected);
  });

  it('is the same whatever the definition says', () => {
    const texts = string({ unit: 'binary' });
    assert(
      property(dictionary(texts, jsonValue()), texts, (members, text) => {
        const written = JSON.parse(JSON.stringify({ ...members, text })) as JsonObject;
        const found = evaluate('$task.definition', descriptorOf('a', '/do/0/a', written));
        expect(JSON.stringify(found)).toBe(JSON.stringify(written));
      }),
    );
  });
});
