import type { CatalogueConnector, Operation } from '@parley/contracts';
import type { IrOperation, Template } from '@parley/ir';
import { nearest } from '../diagnostics/nearest.js';
import { textOf, type MapEntry, type MapNode, type SourceNode } from '../source/tree.js';
import type { Call } from './call.js';
import type { Context } from './context.js';
import { misfitOf } from './fits.js';
import { expectMap, expectName, readMembers, type Members } from './members.js';
import { bodyMembersOf, inputsOf } from './operation-inputs.js';
import { objectTemplate, readTemplate } from './values.js';

const members: Members = {
  connector: { required: true },
  operation: { required: true },
  input: {},
  body: {},
};

/** F2 */
export function compileConnector(
  ctx: Context,
  node: SourceNode,
  variables: readonly string[],
): Call | undefined {
  const errors = ctx.reporter.errorCount;
  const fields = readMembers(ctx, node, members, '"with"');
  const misspelt = ctx.reporter.errorCount > errors;
  if (fields === undefined) return undefined;
  const connector = readFixedName(ctx, fields.get('connector'), '"connector"');
  const name = readFixedName(ctx, fields.get('operation'), '"operation"');
  const input = fields.get('input');
  const body = fields.get('body');
  const arguments_ = readArguments(ctx, { connector, name, input, body }, variables);
  const known = findOperation(ctx, fields.get('connector'), fields.get('operation'));
  if (known === undefined) {
    return { function: 'connector', with: arguments_, delivery: 'once' };
  }
  if (!misspelt) checkInputs(ctx, known.operation, { call: node, input, body });
  return {
    function: 'connector',
    with: arguments_,
    delivery: known.operation.delivery,
    operation: pinOf(known.connector, known.operation),
  };
}

interface Arguments {
  readonly connector: string | undefined;
  readonly name: string | undefined;
  readonly input: SourceNode | undefined;
  readonly body: SourceNode | undefined;
}

function readArguments(ctx: Context, given: Arguments, variables: readonly string[]): Template {
  const entries: (readonly [string, Template])[] = [
    ['connector', { kind: 'literal', value: given.connector ?? null }],
    ['operation', { kind: 'literal', value: given.name ?? null }],
  ];
  if (given.input !== undefined && expectMap(ctx, given.input, '"input"')) {
    entries.push(['input', sortedObject(ctx, given.input, variables)]);
  }
  if (given.body !== undefined) entries.push(['body', readTemplate(ctx, given.body, variables)]);
  return objectTemplate(entries);
}

/** The order of inputs means nothing, so it must not make a different IR. */
function sortedObject(ctx: Context, node: MapNode, variables: readonly string[]): Template {
  const sorted = node.entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return objectTemplate(
    sorted.map(({ key, value }) => [key, readTemplate(ctx, value, variables)] as const),
  );
}

function readFixedName(
  ctx: Context,
  node: SourceNode | undefined,
  what: string,
): string | undefined {
  if (node === undefined) return undefined;
  const name = expectName(ctx, node, what);
  if (name?.includes('${') !== true) return name;
  ctx.reporter.report('PL1035', node, { message: `${what} must be a fixed name` });
  return undefined;
}

function pinOf(connector: CatalogueConnector, operation: Operation): IrOperation {
  return {
    connector: connector.name,
    operation: operation.id,
    method: operation.method,
    path: operation.path,
    documentHash: connector.documentHash,
  };
}

function findOperation(
  ctx: Context,
  connectorNode: SourceNode | undefined,
  operationNode: SourceNode | undefined,
): { readonly connector: CatalogueConnector; readonly operation: Operation } | undefined {
  const connectorName = textOf(connectorNode)?.trim();
  const operationName = textOf(operationNode)?.trim();
  const fixed = !`${connectorName}${operationName}`.includes('${');
  if (ctx.catalogue === undefined || !connectorName || !operationName || !fixed) return undefined;
  const { connectors } = ctx.catalogue;
  const connector = connectors.find((candidate) => candidate.name === connectorName);
  if (connector === undefined) {
    reportUnknown(ctx, 'PL1051', connectorNode, {
      message: `There is no connector "${connectorName}"`,
      actual: connectorName,
      names: connectors.map((candidate) => candidate.name),
    });
    return undefined;
  }
  const operation = connector.operations.find((candidate) => candidate.id === operationName);
  if (operation === undefined) {
    reportUnknown(ctx, 'PL1052', operationNode, {
      message: `The connector "${connectorName}" has no operation "${operationName}"`,
      actual: operationName,
      names: connector.operations.map((candidate) => candidate.id),
    });
    return undefined;
  }
  return { connector, operation };
}

function reportUnknown(
  ctx: Context,
  code: 'PL1051' | 'PL1052',
  node: SourceNode | undefined,
  finding: { readonly message: string; readonly actual: string; readonly names: readonly string[] },
): void {
  if (node === undefined) return;
  const near = nearest(finding.actual, finding.names);
  const [best] = near;
  ctx.reporter.report(code, node, {
    message: finding.message,
    expected: near.length > 0 ? near.join(', ') : finding.names.slice(0, 10).join(', '),
    actual: finding.actual,
    suggestions: near,
    ...(best && { fix: { title: `Write "${best}"`, span: node.span, newText: best } }),
  });
}

interface Given {
  readonly call: SourceNode;
  readonly input: SourceNode | undefined;
  readonly body: SourceNode | undefined;
}

function checkInputs(ctx: Context, operation: Operation, given: Given): void {
  const { call, input, body } = given;
  if (input !== undefined && input.kind !== 'map') return;
  const inputs = inputsOf(operation);
  const open = body === undefined && bodyMembersOf(operation)?.open === true;
  const missing = missingInputs(operation, given);
  for (const entry of input?.entries ?? []) {
    const known = inputs.find((one) => one.name === entry.key);
    if (known?.in === 'body' && body !== undefined) reportTwice(ctx, entry);
    else if (known !== undefined) checkFit(ctx, entry.value, known.schema, `"${entry.key}"`);
    else if (!open) {
      const names = inputs.map((one) => one.name);
      reportUnknownInput(ctx, entry, { operation, missing, names });
    }
  }
  checkBody(ctx, operation, given);
  const holder = input ?? call;
  if (missing.length === 0) return;
  const names = missing.map((name) => `"${name}"`).join(' and ');
  const place = { span: holder.keySpan ?? call.span, pointer: holder.pointer };
  ctx.reporter.report('PL1053', place, {
    message: `The operation "${operation.id}" needs the input ${names}`,
    expected: missing.join(', '),
  });
}

/** Required inputs that are not given; a body that is begun must be complete. */
function missingInputs(operation: Operation, { input, body }: Given): string[] {
  const names = new Set(input?.kind === 'map' ? input.entries.map((entry) => entry.key) : []);
  const inputs = inputsOf(operation);
  const begun = inputs.some((one) => one.in === 'body' && names.has(one.name));
  const required = [
    ...inputs.filter((one) => one.required && (one.in !== 'body' || body === undefined)),
    ...(begun && body === undefined ? (bodyMembersOf(operation)?.required ?? []) : []),
  ].map((one) => (typeof one === 'string' ? one : one.name));
  return [...new Set(required)].filter((name) => !names.has(name));
}

function checkBody(ctx: Context, operation: Operation, { call, body }: Given): void {
  if (body !== undefined && operation.body === undefined) {
    ctx.reporter.report(
      'PL1054',
      { span: body.keySpan ?? body.span, pointer: body.pointer },
      {
        message: `The operation "${operation.id}" takes no body`,
      },
    );
  } else if (body !== undefined && operation.body !== undefined) {
    checkFit(ctx, body, operation.body.schema, '"body"');
  } else if (operation.body?.required === true && bodyMembersOf(operation) === undefined) {
    ctx.reporter.report(
      'PL1053',
      { span: call.keySpan ?? call.span, pointer: call.pointer },
      {
        message: `The operation "${operation.id}" needs "body"`,
        expected: 'body',
      },
    );
  }
}

function checkFit(
  ctx: Context,
  node: SourceNode,
  schema: Operation['parameters'][number]['schema'],
  what: string,
): void {
  const misfit = misfitOf(node, schema);
  if (misfit === undefined) return;
  const inner = misfit.node.pointer.slice(node.pointer.length);
  ctx.reporter.report('PL1055', misfit.node, {
    message: `${what}${inner === '' ? '' : ` at ${inner}`} ${misfit.message}`,
    expected: misfit.expected,
    actual: ctx.source.slice(misfit.node.span.start, misfit.node.span.end).slice(0, 60),
  });
}

function reportTwice(ctx: Context, entry: MapEntry): void {
  ctx.reporter.report(
    'PL1056',
    { span: entry.keySpan, pointer: entry.value.pointer },
    {
      message: `"${entry.key}" belongs to the body, which is given under "body"`,
    },
  );
}

function reportUnknownInput(
  ctx: Context,
  entry: MapEntry,
  found: {
    readonly operation: Operation;
    readonly missing: string[];
    readonly names: readonly string[];
  },
): void {
  const near = nearest(entry.key, found.names);
  const meant = found.missing.find((name) => near.includes(name)) ?? found.missing[0];
  if (meant !== undefined) found.missing.splice(found.missing.indexOf(meant), 1);
  const suggestions = near.length > 0 ? near : meant === undefined ? [] : [meant];
  const [best] = suggestions;
  ctx.reporter.report(
    'PL1054',
    { span: entry.keySpan, pointer: entry.value.pointer },
    {
      message: `The operation "${found.operation.id}" has no input "${entry.key}"`,
      expected: found.names.join(', '),
      actual: entry.key,
      suggestions,
      ...(best && { fix: { title: `Rename to "${best}"`, span: entry.keySpan, newText: best } }),
    },
  );
}
