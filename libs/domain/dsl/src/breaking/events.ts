import type { BreakingChange } from '@parley/contracts';
import type { Ir, IrConsumption, IrEventFilter, IrNode, Template } from '@parley/ir';
import { canonicalJson, type Json } from '@parley/kernel';
import { argumentOf, showTemplate } from '../side-effects.js';

/** Events that others rely on getting, and events that others must send. */
export function eventChanges(before: Ir, after: Ir): BreakingChange[] {
  return [...emitted(before, after), ...consumed(consumptionsOf(before), consumptionsOf(after))];
}

function emitted(before: Ir, after: Ir): BreakingChange[] {
  const [a, b] = [typesOf(before), typesOf(after)];
  const gone = [...a].filter(([type]) => !b.has(type));
  const fresh = [...b].filter(([type]) => !a.has(type));
  return [
    ...gone.map(([type, { pointer }]) =>
      event(pointer, `${nameOf(type)} is no longer emitted`, true),
    ),
    ...fresh.map(([type, { pointer }]) =>
      event(pointer, `${nameOf(type)} is now also emitted`, false),
    ),
  ];
}

/** Emitted types with the first task that emits them; a computed type is known by its expression. */
function typesOf(ir: Ir): Map<string, IrNode> {
  const found = new Map<string, IrNode>();
  for (const node of Object.values(ir.nodes)) {
    if (node.kind !== 'emit') continue;
    const type = showTemplate(argumentOf(node.event, 'type'));
    if (!found.has(type)) found.set(type, node);
  }
  return found;
}

/** One filter of a definition, and what it takes to go on past it. */
interface Awaited {
  readonly pointer: string;
  readonly type: string;
  readonly filter: string;
  /** Another filter may do instead. */
  readonly optional: boolean;
}

function consumed(before: readonly Awaited[], after: readonly Awaited[]): BreakingChange[] {
  const [a, b] = [Map.groupBy(before, keyOf), Map.groupBy(after, keyOf)];
  const gone = before.filter((one) => !b.has(keyOf(one)));
  const fresh = after.filter((one) => !a.has(keyOf(one)));
  const changed = gone.filter((one) => fresh.some(({ type }) => type === one.type));
  const replaced = new Set(changed.map(({ type }) => type));
  return [
    ...changed.map(({ type }) => {
      const place = fresh.find((one) => one.type === type)?.pointer ?? '';
      return event(place, `Other events of the type ${nameOf(type)} are awaited than before`, true);
    }),
    ...gone
      .filter(({ type }) => !replaced.has(type))
      .map(({ type, pointer }) => event(pointer, `${nameOf(type)} is no longer awaited`, true)),
    ...fresh
      .filter(({ type }) => !replaced.has(type))
      .map(({ type, pointer, optional }) =>
        optional
          ? event(pointer, `${nameOf(type)} is now also taken`, false)
          : event(pointer, `Runs now wait for ${nameOf(type)}, which somebody must send`, true),
      ),
  ];
}

function keyOf({ filter, optional }: Awaited): string {
  return `${optional ? 'optional' : 'needed'} ${filter}`;
}

function consumptionsOf(ir: Ir): Awaited[] {
  return Object.values(ir.nodes).flatMap((node) =>
    node.kind === 'listen' ? awaited(node.to, node.pointer) : [],
  );
}

function awaited({ mode, filters, until }: IrConsumption, pointer: string): Awaited[] {
  const optional = mode === 'any' && filters.length !== 1;
  const own = filters.map((filter) => ({
    pointer,
    type: typeOf(filter),
    filter: canonicalJson(filter as unknown as Json),
    optional,
  }));
  const every = mode === 'any' && filters.length === 0;
  const any = every ? [{ pointer, type: '', filter: 'any', optional }] : [];
  const end = until !== undefined && 'filters' in until ? awaited(until, pointer) : [];
  return [...own, ...any, ...end];
}

export function typeOf(filter: IrEventFilter): string {
  const type: Template | undefined = filter.with.find(([name]) => name === 'type')?.[1];
  return showTemplate(type);
}

function nameOf(type: string): string {
  return type === '' ? 'An event of any type' : type;
}

function event(pointer: string, message: string, breaking: boolean): BreakingChange {
  return { area: 'events', pointer, message, breaking };
}
