import { describe, expect, it } from '@jest/globals';
import { breakingChanges } from './breaking.js';

interface Parts {
  readonly version?: string;
  readonly name?: string;
  readonly input?: string;
  readonly output?: string;
  readonly schedule?: string;
  readonly tasks?: string;
}

function definition({ version = '1.2.3', name = 'b', tasks, ...parts }: Parts): string {
  const members = Object.entries(parts).map(([key, value]) => `${key}: ${value}\n`);
  const head = `document: { dsl: '1.0.3', namespace: a, name: ${name}, version: ${version} }\n`;
  return `${head}${members.join('')}do: ${tasks ?? '[{ pause: { wait: PT1S } }]'}\n`;
}

function report(before: Parts, after: Parts) {
  const result = breakingChanges(definition(before), definition(after));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const words = (before: Parts, after: Parts) =>
  report(before, after).changes.map(
    ({ breaking, message }) => `${breaking ? '!' : ' '} ${message}`,
  );

const schema = (text: string) => `{ schema: { document: ${text} } }`;
const fields = (properties: string, more = '') =>
  schema(`{ type: object, properties: { ${properties} }${more === '' ? '' : `, ${more}`} }`);

describe('input', () => {
  it.each([
    [
      'nothing',
      '{ schema: { document: { type: object } } }',
      '{ schema: { document: { type: object } } }',
      [],
    ],
    [
      'a new required field',
      fields('a: { type: string }'),
      fields('a: { type: string }, b: { type: number }', 'required: [b]'),
      ['! The input field b is now required'],
    ],
    [
      'a new optional field',
      fields('a: { type: string }'),
      fields('a: { type: string }, b: { type: number }'),
      ['  The input has the new optional field b'],
    ],
    [
      'a field that has become required',
      fields('a: { type: string }'),
      fields('a: { type: string }', 'required: [a]'),
      ['! The input field a is now required'],
    ],
    [
      'a field that has become optional',
      fields('a: { type: string }', 'required: [a]'),
      fields('a: { type: string }'),
      ['  The schema of the input is different, and what fitted still fits'],
    ],
    [
      'another type',
      fields('a: { type: string }'),
      fields('a: { type: number }'),
      ['! The input field a was string and must now be number'],
    ],
    [
      'a wider type',
      fields('a: { type: integer }'),
      fields('a: { type: number }'),
      ['  The schema of the input is different, and what fitted still fits'],
    ],
    [
      'a narrower type',
      fields('a: { type: number }'),
      fields('a: { type: integer }'),
      ['! The input field a was number and must now be integer'],
    ],
    [
      'fewer values',
      fields('a: { enum: [x, y] }'),
      fields('a: { enum: [x] }'),
      ['! The input field a no longer takes "y"; it takes "x"'],
    ],
    [
      'more values',
      fields('a: { enum: [x] }'),
      fields('a: { enum: [x, y] }'),
      ['  The schema of the input is different, and what fitted still fits'],
    ],
    [
      'a field that is gone',
      fields('a: {}, b: {}'),
      fields('a: {}'),
      ['! The input field b is gone'],
    ],
    [
      'a closed object',
      fields('a: {}'),
      fields('a: {}', 'additionalProperties: false'),
      ['! The input no longer takes members that the schema does not name'],
    ],
    [
      'a tighter bound',
      fields('a: { type: number, minimum: 1 }'),
      fields('a: { type: number, minimum: 2 }'),
      ['! The input field a is bounded more tightly: at least 1 before, at least 2 now'],
    ],
    [
      'a looser bound',
      fields('a: { type: number, minimum: 2 }'),
      fields('a: { type: number, minimum: 1 }'),
      ['  The schema of the input is different, and what fitted still fits'],
    ],
    [
      'a new pattern',
      fields('a: { type: string }'),
      fields("a: { type: string, pattern: '^x' }"),
      [
        '! It is not sure that the input field a still takes what it took: "pattern" cannot be compared',
      ],
    ],
    [
      'items of a list',
      fields('a: { type: array, items: { type: object, properties: { n: { type: string } } } }'),
      fields('a: { type: array, items: { type: object, properties: { n: { type: integer } } } }'),
      ['! The input field a[].n was string and must now be integer'],
    ],
    [
      'a schema where there was none',
      '{ }',
      schema('{ type: object }'),
      ['! The input was any type and must now be object'],
    ],
    [
      'no schema any more',
      schema('{ type: object }'),
      '{ }',
      ['  The schema of the input is different, and what fitted still fits'],
    ],
    [
      'a title',
      schema('{ type: object, title: x }'),
      schema('{ type: object }'),
      ['  The schema of the input is different, and what fitted still fits'],
    ],
    [
      'one alternative more',
      fields('a: { anyOf: [{ type: string }] }'),
      fields('a: { anyOf: [{ type: string }, { type: number }] }'),
      ['  The schema of the input is different, and what fitted still fits'],
    ],
    [
      'one alternative less',
      fields('a: { anyOf: [{ type: string }, { type: number }] }'),
      fields('a: { anyOf: [{ type: string }] }'),
      [
        '! It is not sure that the input field a still takes what it took: none of the alternatives takes everything',
      ],
    ],
    [
      'a definition behind a reference',
      schema(
        "{ type: object, properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: { type: string } } }",
      ),
      schema(
        "{ type: object, properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: { type: number } } }",
      ),
      ['! The input field a was string and must now be number'],
    ],
    [
      'a schema that contains itself',
      schema(
        "{ $ref: '#/$defs/t', $defs: { t: { type: object, properties: { c: { $ref: '#/$defs/t' } } } } }",
      ),
      schema(
        "{ $ref: '#/$defs/t', $defs: { t: { type: object, properties: { c: { $ref: '#/$defs/t' } }, title: x } } }",
      ),
      ['  The schema of the input is different, and what fitted still fits'],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(words({ input: before }, { input: after })).toEqual(expected);
  });
});

describe('output', () => {
  it.each([
    [
      'a field less',
      fields('a: {}, b: {}'),
      fields('a: {}'),
      ['! The output field b is no longer produced'],
    ],
    ['a field more', fields('a: {}'), fields('a: {}, b: {}'), ['  The output has the new field b']],
    [
      'a field that may be missing',
      fields('a: {}', 'required: [a]'),
      fields('a: {}'),
      ['! The output field a may now be missing'],
    ],
    [
      'a field that is always there',
      fields('a: {}'),
      fields('a: {}', 'required: [a]'),
      ['  The schema of the output is different, and what fitted still fits'],
    ],
    [
      'another type',
      fields('a: { type: string }'),
      fields('a: { type: [string, "null"] }'),
      ['! The output field a was string and can now be null or string'],
    ],
    [
      'a value more',
      fields('a: { enum: [x] }'),
      fields('a: { enum: [x, y] }'),
      ['! The output field a can now be "y"; it was one of "x"'],
    ],
    [
      'a field more where the schema is closed',
      fields('a: {}', 'additionalProperties: false'),
      fields('a: {}, b: {}', 'additionalProperties: false'),
      ['! The output field b is new where nothing else was allowed'],
    ],
    [
      'no schema any more',
      fields('a: {}'),
      '{ as: .x }',
      ['! Nothing is said any more about the output; its schema is gone'],
    ],
    [
      'another way to make it',
      "{ as: '${ .x }' }",
      "{ as: '${ .y }' }",
      ['! The output is made in another way, and no schema says that it stays the same'],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(words({ output: before }, { output: after })).toEqual(expected);
  });
});

describe('schedule', () => {
  it.each([
    ['{ cron: 0 9 * * * }', '{ cron: 0 9 * * * }', []],
    [
      '{ cron: 0 9 * * * }',
      '{ cron: 0 10 * * * }',
      ['! Runs start otherwise: cron 0 9 * * * before, cron 0 10 * * * now'],
    ],
    [
      '{ every: PT1H }',
      '{ every: PT2H }',
      ['! Runs start otherwise: every 1 hour before, every 2 hours now'],
    ],
  ])('%s → %s', (before, after, expected) => {
    expect(words({ schedule: before }, { schedule: after })).toEqual(expected);
  });

  it('that comes or goes', () => {
    const schedule = '{ every: PT1H }';
    expect(words({ schedule }, {})).toEqual(['! Runs no longer start by themselves']);
    expect(words({}, { schedule })).toEqual(['  Runs now also start by themselves: every 1 hour']);
  });
});

describe('version', () => {
  const schedule = '{ every: PT1H }';
  it.each([
    ['the same', {}, {}, { bump: 'none', version: '1.2.3', sufficient: true }],
    [
      'other steps',
      {},
      { tasks: '[{ pause: { wait: PT2S } }]' },
      { bump: 'patch', version: '1.2.4', sufficient: false },
    ],
    [
      'more',
      {},
      { schedule, version: '1.3.0' },
      { bump: 'minor', version: '1.3.0', sufficient: true },
    ],
    [
      'less',
      { schedule },
      { version: '1.3.0' },
      { bump: 'major', version: '2.0.0', sufficient: false, breaking: true },
    ],
    ['another name', {}, { name: 'c', version: '2.0.1' }, { bump: 'major', sufficient: true }],
    [
      'less, before 1.0.0',
      { schedule, version: '0.4.2' },
      { version: '0.5.0' },
      { bump: 'major', version: '0.5.0', sufficient: true },
    ],
  ])('%s', (_, before, after, expected) => {
    expect(report(before, after)).toMatchObject(expected);
  });
});

it('does not compare what is wrong', () => {
  const result = breakingChanges(definition({}), 'do: [');
  expect(result).toMatchObject({ ok: false, error: { before: [], after: [{ code: 'PL1001' }] } });
});
