/** How each keyword of JSON Schema 2020-12 is carried over; the others are left out. */
export const keywordKinds: ReadonlyMap<string, 'value' | 'schema' | 'schemas' | 'schema-map'> =
  new Map([
    ...kind('value', [
      'type',
      'enum',
      'const',
      'multipleOf',
      'maximum',
      'exclusiveMaximum',
      'minimum',
      'exclusiveMinimum',
      'maxLength',
      'minLength',
      'pattern',
      'maxItems',
      'minItems',
      'uniqueItems',
      'maxContains',
      'minContains',
      'maxProperties',
      'minProperties',
      'required',
      'dependentRequired',
      'format',
      'contentEncoding',
      'contentMediaType',
      'title',
      'description',
      'default',
      'deprecated',
      'readOnly',
      'writeOnly',
      'examples',
      '$comment',
    ]),
    ...kind('schema', [
      'items',
      'additionalProperties',
      'not',
      'contains',
      'propertyNames',
      'if',
      'then',
      'else',
      'unevaluatedItems',
      'unevaluatedProperties',
      'contentSchema',
    ]),
    ...kind('schemas', ['allOf', 'anyOf', 'oneOf', 'prefixItems']),
    ...kind('schema-map', ['properties', 'patternProperties', 'dependentSchemas']),
  ]);

export const typeNames: ReadonlySet<unknown> = new Set([
  'null',
  'boolean',
  'object',
  'array',
  'number',
  'integer',
  'string',
]);

/** Describe a value and constrain nothing. */
export const annotations: ReadonlySet<string> = new Set([
  'title',
  'description',
  'default',
  'deprecated',
  'readOnly',
  'writeOnly',
  'examples',
  '$comment',
]);

function kind<K extends string>(name: K, keywords: readonly string[]): [string, K][] {
  return keywords.map((keyword) => [keyword, name]);
}
