import type { IrInput, IrOutput } from '@parley/ir';
import type { Json } from '@parley/kernel';
import type { VariablePlace } from '../expressions/variables.js';
import { variablesAt } from '../expressions/variables.js';
import { textOf, toJson, type SourceNode } from '../source/tree.js';
import type { Context } from './context.js';
import { checkJsonSchema } from './json-schema.js';
import { readMembers, type Members } from './members.js';
import { readFixedDuration, readDuration, readMapping } from './values.js';
import type { IrDuration } from '@parley/ir';

const inputMembers: Members = { schema: {}, from: {} };
const outputMembers: Members = { schema: {}, as: {} };
const schemaMembers: Members = { format: {}, document: { required: true } };
const schemaMembersExternal: Members = { format: {}, resource: { later: true } };
const timeoutMembers: Members = { after: { required: true } };

/** `input` of a task or workflow. */
export function readInput(
  ctx: Context,
  node: SourceNode,
  place: VariablePlace,
  scoped: readonly string[],
): IrInput | undefined {
  const fields = readMembers(ctx, node, inputMembers, '"input"');
  if (fields === undefined) return undefined;
  const from = fields.get('from');
  const template = from && readMapping(ctx, from, variablesAt(place, scoped), '"from"');
  const schema = readSchema(ctx, fields.get('schema'));
  return { ...(schema === undefined ? {} : { schema }), ...(template && { from: template }) };
}

/** `output` or `export` of a task or workflow. */
export function readOutput(
  ctx: Context,
  node: SourceNode,
  place: VariablePlace,
  scoped: readonly string[],
): IrOutput | undefined {
  const what = place === 'taskExport' ? '"export"' : '"output"';
  const fields = readMembers(ctx, node, outputMembers, what);
  if (fields === undefined) return undefined;
  const as = fields.get('as');
  const template = as && readMapping(ctx, as, variablesAt(place, scoped), '"as"');
  const schema = readSchema(ctx, fields.get('schema'));
  return { ...(schema === undefined ? {} : { schema }), ...(template && { as: template }) };
}

function readSchema(ctx: Context, node: SourceNode | undefined): Json | undefined {
  if (node === undefined) return undefined;
  const external = node.kind === 'map' && node.entries.some((entry) => entry.key === 'resource');
  const fields = readMembers(
    ctx,
    node,
    external ? schemaMembersExternal : schemaMembers,
    '"schema"',
  );
  const format = fields?.get('format');
  const name = textOf(format);
  if (format !== undefined && (name === undefined || !/^json(:|$)/.test(name))) {
    ctx.reporter.report('PL1013', format, {
      message: 'Only JSON Schema is supported',
      expected: 'json',
      actual: name ?? '',
      fix: { title: 'Write json', span: format.span, newText: 'json' },
    });
  }
  const document = fields?.get('document');
  if (document === undefined) return undefined;
  return checkJsonSchema(ctx, document) ? toJson(document) : undefined;
}

/** `timeout` of a task or workflow. */
export function readTimeout(
  ctx: Context,
  node: SourceNode,
  scoped: readonly string[] | 'workflow',
): IrDuration | undefined {
  if (textOf(node) !== undefined) {
    readReference(ctx, node, 'timeouts');
    return undefined;
  }
  const after = readMembers(ctx, node, timeoutMembers, '"timeout"')?.get('after');
  if (after === undefined) return undefined;
  if (scoped !== 'workflow')
    return readDuration(ctx, after, variablesAt('task', scoped), '"after"');
  const ms = readFixedDuration(ctx, after, '"after"');
  return ms === undefined ? undefined : { ms };
}

/** A name under `use`: declared ones have been refused where they are declared. */
export function readReference(ctx: Context, node: SourceNode, kind: string): void {
  const name = textOf(node) ?? '';
  if (ctx.declared.get(kind)?.has(name) === true) return;
  ctx.reporter.report('PL1024', node, {
    message: `"use.${kind}" has no "${name}"`,
    suggestions: [...(ctx.declared.get(kind) ?? [])],
  });
}
