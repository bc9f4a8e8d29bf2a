import type { IrOperation } from '@parley/ir';
import type { SourceNode } from '../../source/tree.js';
import type { Context, TaskPlace } from '../context.js';
import { member } from '../kinds.js';
import { sortedObject, template, text } from '../values.js';
import { data, ordered } from './arguments.js';
import type { Call } from './call.js';

export function connectorCall(ctx: Context, node: SourceNode, place: TaskPlace): Call {
  const connector = text(member(node, 'connector'));
  const operation = text(member(node, 'operation'));
  const known = findOperation(ctx, connector.trim(), operation.trim());
  return {
    function: 'connector',
    with: ordered(ctx, node, place, {
      connector: data,
      operation: data,
      input: sortedObject,
      body: template,
    }),
    delivery: known?.delivery ?? 'once',
    ...(known && { operation: known.pinned }),
  };
}

function findOperation(ctx: Context, connectorName: string, operationId: string) {
  const connector = ctx.catalogue?.connectors.find(({ name }) => name === connectorName);
  const operation = connector?.operations.find(({ id }) => id === operationId);
  if (connector === undefined || operation === undefined) return undefined;
  const { method, path, delivery } = operation;
  const { name, documentHash } = connector;
  const pinned: IrOperation = {
    connector: name,
    operation: operation.id,
    method,
    path,
    documentHash,
  };
  return { delivery, pinned };
}
