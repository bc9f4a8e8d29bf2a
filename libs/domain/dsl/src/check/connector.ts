import type { Catalogue, CatalogueConnector, Operation } from '@parley/contracts';
import { nearest } from '../diagnostics/nearest.js';
import { memberOf, textOf, type MapEntry, type MapNode, type SourceNode } from '../source/tree.js';
import { keyPlace, type Check } from './context.js';
import { misfitOf } from './fits.js';
import { bodyMembersOf, inputsOf, type OperationInput } from './operation-inputs.js';
import type { Around } from './rules.js';

/** The operation exists, and what is written out of its inputs fits. */
export function checkConnector(check: Check, node: MapNode, { whole }: Around): void {
  const { catalogue } = check.options;
  const operation = catalogue && findOperation(check, node, catalogue);
  if (operation === undefined || !whole) return;
  const input = memberOf(node, 'input');
  const body = memberOf(node, 'body');
  checkInputs(check, operation, { call: node, input, body });
}

function findOperation(check: Check, node: MapNode, catalogue: Catalogue): Operation | undefined {
  const connectorNode = memberOf(node, 'connector');
  const operationNode = memberOf(node, 'operation');
  const connectorName = textOf(connectorNode)?.trim();
  const operationName = textOf(operationNode)?.trim();
  const fixed = !`${connectorName}${operationName}`.includes('${');
  if (!connectorNode || !operationNode || !connectorName || !operationName || !fixed) {
    return undefined;
  }
  const index = indexOf(catalogue);
  const connector = index.connectors.get(connectorName);
  if (connector === undefined) {
    reportUnknown(check, 'PL1051', connectorNode, {
      sure: true,
      message: `There is no connector "${connectorName}"`,
      actual: connectorName,
      names: [...index.connectors.keys()],
    });
    return undefined;
  }
  const operation = index.operations(connector).get(operationName);
  if (operation !== undefined) return operation;
  const near = nearest(operationName, [...index.operations(connector).keys()])[0] ?? '';
  const meant = index.operations(connector).get(near);
  reportUnknown(check, 'PL1052', operationNode, {
    sure: meant !== undefined && accepts(meant, node),
    message: `The connector "${connectorName}" has no operation "${operationName}"`,
    actual: operationName,
    names: connector.operations.map((candidate) => candidate.id),
  });
  return undefined;
}

/** Names of a catalogue, which is asked for every call. */
class CatalogueIndex {
  readonly connectors: ReadonlyMap<string, CatalogueConnector>;
  private readonly byConnector = new Map<CatalogueConnector, ReadonlyMap<string, Operation>>();

  constructor({ connectors }: Catalogue) {
    this.connectors = new Map(connectors.map((connector) => [connector.name, connector]));
  }

  operations(connector: CatalogueConnector): ReadonlyMap<string, Operation> {
    let found = this.byConnector.get(connector);
    if (found === undefined) {
      found = new Map(connector.operations.map((operation) => [operation.id, operation]));
      this.byConnector.set(connector, found);
    }
    return found;
  }
}

const indices = new WeakMap<Catalogue, CatalogueIndex>();

function indexOf(catalogue: Catalogue): CatalogueIndex {
  let index = indices.get(catalogue);
  if (index === undefined) {
    index = new CatalogueIndex(catalogue);
    indices.set(catalogue, index);
  }
  return index;
}

/** What an operation takes, found out once. */
interface Taken {
  readonly inputs: ReadonlyMap<string, OperationInput>;
  readonly body: ReturnType<typeof bodyMembersOf>;
}

const taken = new WeakMap<Operation, Taken>();

function takenBy(operation: Operation): Taken {
  let found = taken.get(operation);
  if (found === undefined) {
    const inputs = new Map(inputsOf(operation).map((input) => [input.name, input]));
    found = { inputs, body: bodyMembersOf(operation) };
    taken.set(operation, found);
  }
  return found;
}

interface UnknownName {
  readonly message: string;
  readonly actual: string;
  readonly names: readonly string[];
  /** Nothing else speaks against the nearest name. */
  readonly sure: boolean;
}

function reportUnknown(
  check: Check,
  code: 'PL1051' | 'PL1052',
  node: SourceNode,
  finding: UnknownName,
): void {
  const near = nearest(finding.actual, finding.names);
  const [best] = near;
  check.reporter.report(code, node, {
    message: finding.message,
    expected: near.length > 0 ? near.join(', ') : finding.names.slice(0, 10).join(', '),
    actual: finding.actual,
    suggestions: near,
    ...(best !== undefined &&
      finding.sure && {
        fix: { title: `Write "${best}"`, span: node.span, newText: best },
      }),
  });
}

/** Whether the inputs that are given are those of an operation, at first sight. */
function accepts(operation: Operation, call: MapNode): boolean {
  const input = memberOf(call, 'input');
  const body = memberOf(call, 'body');
  const { inputs } = takenBy(operation);
  const known = input?.kind !== 'map' || input.entries.every(({ key }) => inputs.has(key));
  return known && missingInputs(operation, { call, input, body }).length === 0;
}

interface Given {
  readonly call: SourceNode;
  readonly input: SourceNode | undefined;
  readonly body: SourceNode | undefined;
}

function checkInputs(check: Check, operation: Operation, given: Given): void {
  const { call, input, body } = given;
  if (input !== undefined && input.kind !== 'map') return;
  const { inputs, body: members } = takenBy(operation);
  const open = body === undefined && members?.open === true;
  const missing = missingInputs(operation, given);
  for (const entry of input?.entries ?? []) {
    const known = inputs.get(entry.key);
    if (known?.in === 'body' && body !== undefined) reportTwice(check, entry);
    else if (known !== undefined) checkFit(check, entry.value, known.schema, `"${entry.key}"`);
    else if (!open) {
      reportUnknownInput(check, entry, { operation, missing, names: [...inputs.keys()] });
    }
  }
  checkBody(check, operation, given);
  const holder = input ?? call;
  if (missing.length === 0) return;
  const names = missing.map((name) => `"${name}"`).join(' and ');
  check.reporter.report('PL1053', keyPlace(holder), {
    message: `The operation "${operation.id}" needs the input ${names}`,
    expected: missing.join(', '),
  });
}

/** Required inputs that are not given; a body that is begun must be complete. */
function missingInputs(operation: Operation, { input, body }: Given): string[] {
  const names = new Set(input?.kind === 'map' ? input.entries.map((entry) => entry.key) : []);
  const { inputs, body: members } = takenBy(operation);
  const all = [...inputs.values()];
  const begun = all.some((one) => one.in === 'body' && names.has(one.name));
  const required = [
    ...all.filter((one) => one.required && (one.in !== 'body' || body === undefined)),
    ...(begun && body === undefined ? (members?.required ?? []) : []),
  ].map((one) => (typeof one === 'string' ? one : one.name));
  return [...new Set(required)].filter((name) => !names.has(name));
}

function checkBody(check: Check, operation: Operation, { call, body }: Given): void {
  if (body !== undefined && operation.body === undefined) {
    check.reporter.report('PL1054', keyPlace(body), {
      message: `The operation "${operation.id}" takes no body`,
    });
  } else if (body !== undefined && operation.body !== undefined) {
    checkFit(check, body, operation.body.schema, '"body"');
  } else if (operation.body?.required === true && takenBy(operation).body === undefined) {
    check.reporter.report('PL1053', keyPlace(call), {
      message: `The operation "${operation.id}" needs "body"`,
      expected: 'body',
    });
  }
}

function checkFit(
  check: Check,
  node: SourceNode,
  schema: Operation['parameters'][number]['schema'],
  what: string,
): void {
  const misfit = misfitOf(node, schema);
  if (misfit === undefined) return;
  const inner = misfit.node.pointer.slice(node.pointer.length);
  check.reporter.report('PL1055', misfit.node, {
    message: `${what}${inner === '' ? '' : ` at ${inner}`} ${misfit.message}`,
    expected: misfit.expected,
    actual: check.source.slice(misfit.node.span.start, misfit.node.span.end).slice(0, 60),
  });
}

function reportTwice(check: Check, entry: MapEntry): void {
  check.reporter.report(
    'PL1056',
    { span: entry.keySpan, pointer: entry.value.pointer },
    { message: `"${entry.key}" belongs to the body, which is given under "body"` },
  );
}

interface UnknownInput {
  readonly operation: Operation;
  readonly missing: string[];
  readonly names: readonly string[];
}

function reportUnknownInput(check: Check, entry: MapEntry, found: UnknownInput): void {
  const near = nearest(entry.key, found.names);
  const meant = found.missing.find((name) => near.includes(name)) ?? found.missing[0];
  if (meant !== undefined) found.missing.splice(found.missing.indexOf(meant), 1);
  const suggestions = near.length > 0 ? near : meant === undefined ? [] : [meant];
  const [best] = suggestions;
  check.reporter.report(
    'PL1054',
    { span: entry.keySpan, pointer: entry.value.pointer },
    {
      message: `The operation "${found.operation.id}" has no input "${entry.key}"`,
      expected: found.names.join(', '),
      actual: entry.key,
      suggestions,
      ...(best !== undefined && {
        fix: { title: `Rename to "${best}"`, span: entry.keySpan, newText: best },
      }),
    },
  );
}
