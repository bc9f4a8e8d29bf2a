import type { CatalogueConnector, Operation } from '@parley/contracts';
import { functionName } from '../language/index.js';
import { memberOf, textOf, type SourceNode } from '../source/tree.js';
import { operationDoc } from './tasks.js';
import { taskAround, type Completion, type Site } from './proposal.js';

/** An operation of the catalogue, and the connector that has it. */
export interface KnownOperation {
  readonly connector: CatalogueConnector;
  readonly operation: Operation;
}

/** The operation that the task around the cursor calls. */
export function operationAt(site: Site): KnownOperation | undefined {
  return operationOf(taskAround(site), site.options.catalogue?.connectors ?? []);
}

export function operationOf(
  task: SourceNode | undefined,
  connectors: readonly CatalogueConnector[],
): KnownOperation | undefined {
  if (functionName(textOf(memberOf(task, 'call')) ?? '') !== 'connector') return undefined;
  const given = memberOf(task, 'with');
  const name = textOf(memberOf(given, 'connector'));
  const connector = connectors.find((candidate) => candidate.name === name);
  const id = textOf(memberOf(given, 'operation'));
  const operation = connector?.operations.find((candidate) => candidate.id === id);
  return connector && operation && { connector, operation };
}

/** The way to the cursor ends in a connector call with these members. */
function endsWith(site: Site, ...keys: readonly string[]): boolean {
  const path = site.cursor.path.map(({ key }) => key).slice(-keys.length);
  if (!keys.every((key, index) => path[index] === key)) return false;
  return functionName(textOf(memberOf(taskAround(site), 'call')) ?? '') === 'connector';
}

export function isInOperationInput(site: Site): boolean {
  return endsWith(site, 'with', 'input') || endsWith(site, 'with', 'body');
}

/** Names of connectors and operations, where they are wanted. */
export function catalogueProposals(site: Site, write: (text: string) => string): Completion[] {
  const connectors = site.options.catalogue?.connectors ?? [];
  if (endsWith(site, 'with', 'connector')) {
    return connectors.map(({ name, title, description, operations }) => ({
      label: name,
      kind: 'reference' as const,
      detail: `${title}, ${operations.length} ${operations.length === 1 ? 'operation' : 'operations'}`,
      ...(description === undefined ? {} : { documentation: description }),
      insertText: write(name),
    }));
  }
  if (!endsWith(site, 'with', 'operation')) return [];
  const wanted = textOf(memberOf(memberOf(taskAround(site), 'with'), 'connector'));
  const known = connectors.filter(({ name }) => name === wanted);
  return (known.length > 0 ? known : connectors).flatMap((connector) =>
    connector.operations.map((operation) => ({
      label: operation.id,
      kind: 'reference' as const,
      detail: `${operation.method} ${operation.path}`,
      documentation: operationDoc(connector, operation),
      insertText: write(operation.id),
    })),
  );
}
