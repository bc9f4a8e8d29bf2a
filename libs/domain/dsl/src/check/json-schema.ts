import { nearest } from '../diagnostics/nearest.js';
import { kindOf, textOf, type SourceNode } from '../source/tree.js';
import type { Check } from './context.js';

const types = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

type Keyword =
  | 'schema'
  | 'schemas'
  | 'schemasByName'
  | 'number'
  | 'count'
  | 'text'
  | 'boolean'
  | 'list'
  | 'pattern';

const keywords = new Map<string, Keyword>([
  ...each('schema', 'additionalItems additionalProperties contains else if not propertyNames then'),
  ...each('schema', 'unevaluatedItems unevaluatedProperties'),
  ...each('schemasByName', '$defs definitions dependentSchemas patternProperties properties'),
  ...each('schemas', 'allOf anyOf oneOf prefixItems'),
  ...each('number', 'maximum minimum multipleOf'),
  ...each('count', 'maxContains maxItems maxLength maxProperties'),
  ...each('count', 'minContains minItems minLength minProperties'),
  ...each('text', '$anchor $comment $id $ref $schema contentEncoding contentMediaType'),
  ...each('text', 'description format title'),
  ...each('boolean', 'deprecated readOnly uniqueItems writeOnly'),
  ...each('list', 'enum'),
  ...each('pattern', 'pattern'),
]);

function each(kind: Keyword, names: string): [string, Keyword][] {
  return names.split(' ').map((name) => [name, kind]);
}

/** Whether a value can be a JSON Schema; the first mistake is reported. */
export function checkJsonSchema(check: Check, node: SourceNode): boolean {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return true;
  if (node.kind !== 'map') {
    return refuse(check, node, `A JSON Schema is an object, not ${kindOf(node)}`);
  }
  return node.entries.every(({ key, value }) => checkKeyword(check, key, value));
}

function checkKeyword(check: Check, key: string, value: SourceNode): boolean {
  if (key === 'type') return checkType(check, value);
  if (key === 'required') return checkRequired(check, value);
  if (key === 'items' && value.kind === 'list') {
    return value.items.every((item) => checkJsonSchema(check, item));
  }
  const kind = key === 'items' ? 'schema' : keywords.get(key);
  switch (kind) {
    case undefined:
      return true;
    case 'schema':
      return checkJsonSchema(check, value);
    case 'schemas':
      if (value.kind !== 'list') return refuse(check, value, `"${key}" must be a list of schemas`);
      return value.items.every((item) => checkJsonSchema(check, item));
    case 'schemasByName':
      if (value.kind !== 'map')
        return refuse(check, value, `"${key}" must be an object of schemas`);
      return value.entries.every((entry) => checkJsonSchema(check, entry.value));
    default:
      return checkValue(check, { key, kind, value });
  }
}

interface Plain {
  readonly key: string;
  readonly kind: Exclude<Keyword, 'schema' | 'schemas' | 'schemasByName'>;
  readonly value: SourceNode;
}

function checkValue(check: Check, { key, kind, value }: Plain): boolean {
  const written = value.kind === 'scalar' ? value.value : undefined;
  switch (kind) {
    case 'number':
      return typeof written === 'number' || refuse(check, value, `"${key}" must be a number`);
    case 'count':
      return (
        (typeof written === 'number' && Number.isInteger(written) && written >= 0) ||
        refuse(check, value, `"${key}" must be a whole number of at least 0`)
      );
    case 'text':
      return typeof written === 'string' || refuse(check, value, `"${key}" must be a text`);
    case 'boolean':
      return typeof written === 'boolean' || refuse(check, value, `"${key}" must be true or false`);
    case 'list':
      return value.kind === 'list' || refuse(check, value, `"${key}" must be a list`);
    case 'pattern':
      return (
        (typeof written === 'string' && isPattern(written)) ||
        refuse(check, value, `"${key}" must be a regular expression`)
      );
  }
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    // SyntaxError is how RegExp answers "no".
    return false;
  }
}

function checkType(check: Check, node: SourceNode): boolean {
  const named = node.kind === 'list' ? node.items : [node];
  return named.every((item) => {
    const text = textOf(item);
    if (text !== undefined && types.includes(text)) return true;
    const written = item.kind === 'scalar' ? String(item.value) : kindOf(item);
    const near = nearest(written, types);
    const [best] = near;
    check.reporter.report('PL1045', item, {
      message: `JSON Schema has no type "${written}"`,
      expected: types.join(', '),
      actual: written,
      suggestions: near,
      ...(best !== undefined && {
        fix: { title: `Write ${best}`, span: item.span, newText: typeNamed(best) },
      }),
    });
    return false;
  });
}

/** Without quotes YAML would read the type as nothing. */
function typeNamed(type: string): string {
  return type === 'null' ? '"null"' : type;
}

function checkRequired(check: Check, node: SourceNode): boolean {
  const names = node.kind === 'list' ? node.items : undefined;
  if (names?.every((item) => textOf(item) !== undefined) === true) return true;
  // Draft 3 had a boolean here, on the property itself; it still is in many documents.
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return true;
  return refuse(check, node, '"required" must be a list of property names');
}

function refuse(check: Check, node: SourceNode, message: string): false {
  check.reporter.report('PL1045', node, { message });
  return false;
}
