import { nearest } from '../diagnostics/nearest.js';
import { textOf, type SourceNode } from '../source/tree.js';
import type { Context } from './context.js';
import { wrongType } from './members.js';

const types = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];
const schemaKeywords = new Set([
  'additionalProperties',
  'contains',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
const schemaMapKeywords = new Set([
  '$defs',
  'definitions',
  'dependentSchemas',
  'patternProperties',
  'properties',
]);
const schemaListKeywords = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);

/** Whether a value can be a JSON Schema; the first mistake is reported. */
export function checkJsonSchema(ctx: Context, node: SourceNode): boolean {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return true;
  if (node.kind !== 'map') return refuse(ctx, node, 'A JSON Schema is an object');
  return node.entries.every(({ key, value }) => checkKeyword(ctx, key, value));
}

function checkKeyword(ctx: Context, key: string, value: SourceNode): boolean {
  if (key === 'type') return checkType(ctx, value);
  if (key === 'required') return checkRequired(ctx, value);
  if (schemaKeywords.has(key)) return checkJsonSchema(ctx, value);
  if (schemaMapKeywords.has(key)) {
    if (value.kind !== 'map') return refuse(ctx, value, `"${key}" must be an object of schemas`);
    return value.entries.every((entry) => checkJsonSchema(ctx, entry.value));
  }
  if (schemaListKeywords.has(key)) {
    if (value.kind !== 'list') return refuse(ctx, value, `"${key}" must be a list of schemas`);
    return value.items.every((item) => checkJsonSchema(ctx, item));
  }
  return true;
}

function checkType(ctx: Context, node: SourceNode): boolean {
  const named = node.kind === 'list' ? node.items : [node];
  return named.every((item) => {
    const text = textOf(item);
    if (text !== undefined && types.includes(text)) return true;
    if (text === undefined && item.kind !== 'scalar') {
      wrongType(ctx, item, '"type"', 'a type name');
      return false;
    }
    const written = item.kind === 'scalar' ? String(item.value) : '';
    const near = nearest(written, types);
    ctx.reporter.report('PL1045', item, {
      message: `JSON Schema has no type "${written}"`,
      expected: types.join(', '),
      actual: written,
      suggestions: near,
      ...(near[0] && { fix: { title: `Write ${near[0]}`, span: item.span, newText: near[0] } }),
    });
    return false;
  });
}

function checkRequired(ctx: Context, node: SourceNode): boolean {
  const names = node.kind === 'list' ? node.items : undefined;
  if (names?.every((item) => textOf(item) !== undefined) === true) return true;
  return refuse(ctx, node, '"required" must be a list of property names');
}

function refuse(ctx: Context, node: SourceNode, message: string): false {
  ctx.reporter.report('PL1045', node, { message });
  return false;
}
