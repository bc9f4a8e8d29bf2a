import { describe, expect, it } from '@jest/globals';
import type { Json } from '@parley/kernel';
import { ParleyError } from '@parley/sdk';
import { entryOf, fits, readEntry, type Entry } from './entry';
import { fieldOf } from './field';
import { problemFaults } from './problem-faults';

const order: Json = {
  type: 'object',
  required: ['orderId', 'total', 'items'],
  properties: {
    orderId: { type: 'string', title: 'Order', examples: ['o-1'] },
    total: { type: 'number', minimum: 0 },
    express: { type: 'boolean', default: true },
    channel: { enum: ['web', 'phone'] },
    note: { type: ['string', 'null'] },
    items: { type: 'array', minItems: 1, items: { $ref: '#/$defs/item' } },
    address: {
      type: 'object',
      required: ['street'],
      properties: { street: { type: 'string' }, 'a/b': { type: 'integer' } },
    },
    anything: {},
  },
  $defs: {
    item: {
      type: 'object',
      required: ['sku'],
      properties: { sku: { type: 'string' }, quantity: { type: 'integer', default: 1 } },
    },
  },
};

function readAll(schema: Json, entry: Entry) {
  const faults = new Map<string, string>();
  const value = readEntry(fieldOf(schema, 'Input'), entry, { pointer: '', faults });
  return { value, faults: Object.fromEntries(faults) };
}

function entered(schema: Json, value?: Json): Entry {
  return entryOf(fieldOf(schema, 'Input'), value);
}

/** The entry with `text` typed into the field at `path`. */
function type(entry: Entry, path: readonly (string | number)[], text: string): Entry {
  const [first, ...rest] = path;
  if (entry.kind === 'object' && typeof first === 'string') {
    const inside = entry.entries[first];
    if (inside === undefined) throw new Error(`no field ${first}`);
    return { ...entry, entries: { ...entry.entries, [first]: type(inside, rest, text) } };
  }
  if (entry.kind === 'array') {
    const items = entry.items.map((item, index) =>
      index === first ? { ...item, entry: type(item.entry, rest, text) } : item,
    );
    return { ...entry, items };
  }
  return { kind: 'text', text };
}

describe('fieldOf', () => {
  it('reads objects, arrays, references, choices and what each must have', () => {
    const field = fieldOf(order, 'Input');
    const kinds =
      field.kind === 'object'
        ? field.fields.map(({ name, field: { kind, required } }) => [name, kind, required])
        : [];
    expect(kinds).toEqual([
      ['orderId', 'text', true],
      ['total', 'number', true],
      ['express', 'boolean', false],
      ['channel', 'choice', false],
      ['note', 'text', false],
      ['items', 'array', true],
      ['address', 'object', false],
      ['anything', 'json', false],
    ]);
  });

  it('merges allOf and reads "X or null" as nullable X', () => {
    const field = fieldOf(
      {
        allOf: [{ properties: { a: { type: 'string' } } }, { required: ['a', 'b'] }],
        properties: { b: { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
      },
      'Input',
    );
    expect(field).toMatchObject({
      kind: 'object',
      fields: [
        { name: 'b', field: { kind: 'number', integer: true, nullable: true, required: true } },
        { name: 'a', field: { kind: 'text', required: true } },
      ],
    });
  });

  it('ends in JSON fields for schemas that contain themselves', () => {
    const node: Json = {
      $ref: '#/$defs/node',
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    };
    expect(JSON.stringify(fieldOf(node, 'Input'))).toContain('"kind":"json"');
  });

  it.each<[string, Json | undefined]>([
    ['no schema', undefined],
    ['true', true],
    ['several types', { type: ['string', 'number'] }],
    ['alternatives', { oneOf: [{ type: 'string' }, { type: 'object' }] }],
    ['a map', { type: 'object', additionalProperties: { type: 'string' } }],
  ])('asks for JSON when there is %s', (_, schema) => {
    expect(fieldOf(schema, 'Input').kind).toBe('json');
  });
});

describe('readEntry', () => {
  it('begins with defaults and examples, and names what is missing', () => {
    expect(readAll(order, entered(order))).toEqual({
      value: { orderId: 'o-1', express: true, items: [{ quantity: 1 }] },
      faults: { '/total': 'This is needed.', '/items/0/sku': 'This is needed.' },
    });
  });

  it('makes JSON of what was typed', () => {
    let entry = type(entered(order), ['total'], '12.50');
    entry = type(entry, ['items', 0, 'sku'], 'soup');
    entry = type(entry, ['channel'], '1');
    entry = type(entry, ['anything'], '[1, {"x": null}]');
    expect(readAll(order, entry)).toEqual({
      value: {
        orderId: 'o-1',
        total: 12.5,
        express: true,
        channel: 'phone',
        items: [{ sku: 'soup', quantity: 1 }],
        anything: [1, { x: null }],
      },
      faults: {},
    });
  });

  it('asks for what is inside of an optional object only once something is in it', () => {
    const entry = type(
      entered(order, { orderId: 'a', total: 1, items: [] }),
      ['address', 'a/b'],
      '4',
    );
    expect(readAll(order, entry).faults).toEqual({ '/address/street': 'This is needed.' });
  });

  it.each([
    ['twelve', 'twelve is not a number.'],
    ['-1', 'This must be at least 0.'],
    ['9007199254740993', 'This number is too large to be passed on exactly.'],
  ])('does not take %s for a number', (text, message) => {
    const schema: Json = { type: 'number', minimum: 0 };
    expect(readAll(schema, { kind: 'text', text }).faults).toEqual({ '': message });
  });

  it('locates a fault inside of a JSON field', () => {
    expect(readAll({}, { kind: 'text', text: '{"a": 1,}' }).faults).toEqual({
      '': 'Line 1, column 9: there is a comma too many before this.',
    });
  });

  it('gives back untouched what it was given, also what the form does not show', () => {
    const value: Json = {
      orderId: '',
      total: 3,
      note: null,
      items: [{ sku: 'a', colour: 'red' }],
      unknown: { deep: [1] },
    };
    expect(readAll(order, entered(order, value))).toEqual({ value, faults: {} });
    const time: Json = { type: 'string', format: 'date-time' };
    const at = '2026-11-01T10:00:00+01:00';
    expect(readAll(time, entered(time, at)).value).toBe(at);
  });

  it('sends times in UTC', () => {
    const schema: Json = { type: 'string', format: 'date-time' };
    const text = '2026-11-01T10:00';
    const { value } = readAll(schema, { kind: 'text', text });
    expect(value).toBe(new Date(2026, 10, 1, 10).toISOString());
  });
});

describe('fits', () => {
  it.each<[Json, boolean]>([
    [{ orderId: 'a', total: 1, items: [] }, true],
    [{ orderId: 1, total: 1, items: [] }, false],
    [{ orderId: 'a', total: 1, items: [{ sku: 'x' }], channel: 'fax' }, false],
    [{ orderId: 'a', total: 1, items: 'none' }, false],
    [{ orderId: 'a', note: null, other: true }, true],
    ['text', false],
  ])('%j: %s', (value, expected) => {
    expect(fits(fieldOf(order, 'Input'), value)).toBe(expected);
  });
});

describe('problemFaults', () => {
  it('finds the fields of the pointers', () => {
    const error = new ParleyError({
      type: 'about:blank',
      title: 'The input does not fit the workflow',
      status: 422,
      code: 'invalid-input',
      detail: 'it does not fit',
      errors: [
        { pointer: '/input/total', message: 'must be >= 0' },
        { pointer: '/input/items/0', message: "must have required property 'sku'" },
        { pointer: '/input', message: "must have required property 'a/b'" },
        { pointer: '/version', message: 'elsewhere' },
      ],
    });
    expect(Object.fromEntries(problemFaults(error, 'input'))).toEqual({
      '/total': 'Must be >= 0.',
      '/items/0/sku': 'This is needed.',
      '/a~1b': 'This is needed.',
    });
    expect(problemFaults(new Error('x'), 'input').size).toBe(0);
  });
});
