import type { Delivery, Template } from '@parley/ir';
import { interpolate } from '../expressions/interpolation.js';
import { kindOf, textOf, type SourceNode } from '../source/tree.js';
import { isAbsoluteHttp, parseAddress } from '../values/address.js';
import type { Call } from './call.js';
import type { Context } from './context.js';
import {
  expectBoolean,
  expectMap,
  expectOneOf,
  expectText,
  readMembers,
  wrongType,
  type Fields,
  type Members,
} from './members.js';
import { objectTemplate, readTemplate } from './values.js';

const members: Members = {
  method: { required: true },
  endpoint: { required: true },
  headers: {},
  query: {},
  body: {},
  output: {},
  redirect: {},
};
const endpointMembers: Members = { uri: { required: true }, authentication: { later: true } };
const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const deliveries: Readonly<Record<(typeof methods)[number], Delivery>> = {
  GET: 'safe',
  HEAD: 'safe',
  OPTIONS: 'safe',
  PUT: 'idempotent',
  DELETE: 'idempotent',
  POST: 'once',
  PATCH: 'once',
};

/** F1 */
export function compileHttp(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
): Call | undefined {
  const fields = readMembers(ctx, node, members, '"with"');
  if (fields === undefined) return undefined;
  const method = readMethod(ctx, fields.get('method'));
  const entries: (readonly [string, Template])[] = [];
  const add = (name: string, template: Template | undefined) => {
    if (template !== undefined) entries.push([name, template]);
  };
  add('method', method && { kind: 'literal', value: method });
  add(
    'endpoint',
    fieldTemplate(fields, 'endpoint', (field) => readEndpoint(ctx, field, variables)),
  );
  for (const name of ['headers', 'query']) {
    add(
      name,
      fieldTemplate(fields, name, (field) => readTexts(ctx, field, variables)),
    );
  }
  add(
    'body',
    fieldTemplate(fields, 'body', (field) => readTemplate(ctx, field, variables)),
  );
  const output = fields.get('output');
  const form = output && expectOneOf(ctx, output, '"output"', ['raw', 'content', 'response']);
  add('output', form && { kind: 'literal', value: form });
  const redirect = fields.get('redirect');
  const follow = redirect && expectBoolean(ctx, redirect, '"redirect"');
  add('redirect', follow === undefined ? undefined : { kind: 'literal', value: follow });
  return {
    function: 'http',
    with: objectTemplate(entries),
    delivery: method ? deliveries[method] : 'once',
  };
}

function fieldTemplate(
  fields: Fields,
  name: string,
  read: (field: SourceNode) => Template | undefined,
): Template | undefined {
  const field = fields.get(name);
  return field && read(field);
}

function readMethod(
  ctx: Context,
  node: SourceNode | undefined,
): (typeof methods)[number] | undefined {
  const text = textOf(node);
  const known = methods.find((method) => method === text?.toUpperCase());
  if (known !== undefined || node === undefined) return known;
  if (text?.includes('${') === true) {
    ctx.reporter.report('PL1035', node, { message: '"method" must be a fixed method' });
    return undefined;
  }
  return expectOneOf(ctx, node, '"method"', methods);
}

function readEndpoint(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
): Template | undefined {
  if (node.kind === 'map') {
    const uri = readMembers(ctx, node, endpointMembers, '"endpoint"')?.get('uri');
    return uri && readAddress(ctx, uri, variables);
  }
  if (textOf(node) === undefined) {
    wrongType(ctx, node, '"endpoint"', 'an address or an object');
    return undefined;
  }
  return readAddress(ctx, node, variables);
}

/** An address; `{name}` becomes an expression that inserts the member of the task's input. */
function readAddress(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
): Template | undefined {
  if (expectText(ctx, node, `the address`) === undefined) return undefined;
  const template = readTemplate(ctx, node, variables);
  if (template.kind === 'expression') return template;
  const parts =
    template.kind === 'text'
      ? template.parts
      : [template.kind === 'literal' && typeof template.value === 'string' ? template.value : ''];
  const [first] = parts;
  if (
    typeof first === 'string' &&
    interpolate(textOf(node) ?? '').kind !== 'unclosed' &&
    !isAbsoluteHttp(first)
  ) {
    ctx.reporter.report('PL1044', node, {
      message: `"${first}" is not an absolute http or https address`,
      expected: 'https://host/path',
      actual: first === '' ? kindOf(node) : first,
    });
    return undefined;
  }
  return joinAddress(ctx, node, parts);
}

function joinAddress(
  ctx: Context,
  node: SourceNode,
  parts: readonly (string | { readonly source: string })[],
): Template | undefined {
  const joined: (string | { readonly source: string })[] = [];
  for (const part of parts) {
    if (typeof part !== 'string') {
      joined.push(part);
      continue;
    }
    const address = parseAddress(part);
    if (!address.ok) {
      ctx.reporter.report('PL1044', node, { message: `The address ${address.error}` });
      return undefined;
    }
    for (const piece of address.value) {
      joined.push(typeof piece === 'string' ? piece : { source: insertion(piece.name) });
    }
  }
  return joined.every((part) => typeof part === 'string')
    ? { kind: 'literal', value: joined.join('') }
    : { kind: 'text', parts: joined };
}

/** A missing member must not turn into an address of something else. */
function insertion(name: string): string {
  const key = JSON.stringify(name);
  const message = JSON.stringify(`The address needs "${name}" in the task's input`);
  return `if .[${key}] == null then error(${message}) else (.[${key}] | @uri) end`;
}

/** Headers or query parameters: texts by name, or one expression. */
function readTexts(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
): Template | undefined {
  const what = `"${node.pointer.slice(node.pointer.lastIndexOf('/') + 1)}"`;
  if (node.kind === 'scalar' && textOf(node) !== undefined) {
    const template = readTemplate(ctx, node, variables);
    if (template.kind === 'expression') return template;
  }
  if (!expectMap(ctx, node, what)) return undefined;
  for (const { key, value } of node.entries) expectText(ctx, value, `"${key}" in ${what}`);
  return readTemplate(ctx, node, variables);
}
