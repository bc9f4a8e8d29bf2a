import type { EventForm, IrConsumption, IrEventFilter, IrForeach } from '@parley/ir';
import { memberOf, textOf, type SourceNode } from '../source/tree.js';
import { address } from './calls/address.js';
import type { Context, Surroundings, TaskPlace } from './context.js';
import { outputOf } from './data.js';
import { member, tasksIn } from './kinds.js';
import type { Kind } from './node.js';
import { expression, objectTemplate, template } from './values.js';

export function emitNode(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  const event = member(member(task, 'emit'), 'event');
  const entries = entriesOf(memberOf(event, 'with')).map(({ key, value }) => {
    const read = key === 'source' || key === 'dataschema' ? address : template;
    return [key, read(ctx, value, place)] as const;
  });
  return { kind: 'emit', event: objectTemplate(entries) };
}

export function listenNode(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  const listen = member(task, 'listen');
  const foreach = memberOf(task, 'foreach');
  return {
    kind: 'listen',
    to: consumptionOf(ctx, member(listen, 'to'), place),
    read: eventForm(memberOf(listen, 'read')) ?? 'data',
    ...(foreach && { foreach: foreachOf(ctx, foreach, place, 'foreach/do') }),
  };
}

export function eventForm(node: SourceNode | undefined): EventForm | undefined {
  return textOf(node) as EventForm | undefined;
}

/** Which events are waited for. */
export function consumptionOf(ctx: Context, node: SourceNode, around: Surroundings): IrConsumption {
  const one = memberOf(node, 'one');
  if (one !== undefined) return { mode: 'one', filters: [filterOf(ctx, one, around)] };
  const all = memberOf(node, 'all');
  const filters = itemsOf(all ?? member(node, 'any')).map((item) => filterOf(ctx, item, around));
  if (all !== undefined) return { mode: 'all', filters };
  const until = memberOf(node, 'until');
  if (until === undefined) return { mode: 'any', filters };
  const end =
    textOf(until) === undefined
      ? consumptionOf(ctx, until, around)
      : { source: expression(ctx, until, around) };
  return { mode: 'any', filters, until: end };
}

/** Attributes and keys stand in the order of their names: theirs means nothing. */
function filterOf(ctx: Context, node: SourceNode, around: Surroundings): IrEventFilter {
  const attributes = entriesOf(member(node, 'with')).map(
    ({ key, value }) => [key, template(ctx, value, around)] as const,
  );
  const correlate = memberOf(node, 'correlate');
  if (correlate === undefined) return { with: attributes };
  const keys = entriesOf(correlate).map(({ key, value }) => {
    const expect = memberOf(value, 'expect');
    const from = expression(ctx, member(value, 'from'), around);
    return [key, { from, ...(expect && { expect: template(ctx, expect, around) }) }] as const;
  });
  return { with: attributes, correlate: keys };
}

/** What is done with each event or message; `path` leads from the task to the list of tasks. */
export function foreachOf(
  ctx: Context,
  node: SourceNode,
  place: TaskPlace,
  path: string,
): IrForeach {
  const item = textOf(memberOf(node, 'item')) ?? 'item';
  const at = textOf(memberOf(node, 'at')) ?? 'index';
  const inside = { ...place, scoped: [...place.scoped, item, at] };
  const list = memberOf(node, 'do');
  const output = memberOf(node, 'output');
  const exported = memberOf(node, 'export');
  return {
    item,
    at,
    ...(list && { body: tasksIn(ctx, list, inside, path) }),
    ...(output && { output: outputOf(ctx, output, inside, 'taskOutput') }),
    ...(exported && { export: outputOf(ctx, exported, inside, 'taskExport') }),
  };
}

function itemsOf(node: SourceNode): readonly SourceNode[] {
  return node.kind === 'list' ? node.items : [];
}

function entriesOf(node: SourceNode | undefined) {
  const entries = node?.kind === 'map' ? node.entries : [];
  return entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
