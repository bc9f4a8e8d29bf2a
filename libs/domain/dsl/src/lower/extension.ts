import type { IrNodeBase, Target } from '@parley/ir';
import type { JsonObject } from '@parley/kernel';
import { functionName } from '../language/index.js';
import {
  escapeToken,
  memberOf,
  textOf,
  toJsonObject,
  type MapNode,
  type SourceNode,
} from '../source/tree.js';
import type { Context, Surroundings, TaskPlace } from './context.js';
import { descriptorOf } from './extended.js';
import { namedItems } from './task-list.js';
import { baseOf, identityOf, keywordOf, kindOf, leaves } from './task.js';
import { catchOf } from './try.js';
import { closed, expression } from './values.js';

/**
 * Extensions are tasks around tasks.
 *
 * X1  An extended task T becomes a `do` with T's id and common members. Its scope holds what comes
 *     before, T itself as `<id>/extensions/task/<name>` without the common members, and what comes
 *     after, extensions in the order of the definition.
 * X2  Data passes by the tasks of extensions; one that says `then: exit` or `end` hands on its
 *     output instead, which is how an extension stands in for T.
 * X3  Where T itself leads to its neighbours it must stay beside them. A `switch` then follows a
 *     `do` with all the tasks of the extensions; a `try` with `catch.then` takes them into its body.
 * X4  The tasks of extensions are not extended.
 */
export interface Extension {
  readonly name: string;
  /** What it extends: a keyword, `composite` or `all`. */
  readonly extend: string;
  readonly node: SourceNode;
}

/** The extensions that a definition declares. */
export function declaredExtensions(items: readonly SourceNode[]): Extension[] {
  return items.flatMap((item) => {
    const entry = item.kind === 'map' ? item.entries[0] : undefined;
    if (entry === undefined) return [];
    const extend = textOf(memberOf(entry.value, 'extend')) ?? 'all';
    return [{ name: entry.key, extend, node: entry.value }];
  });
}

/** The extensions that a task gets. */
export function extensionsOf(
  ctx: Context,
  task: SourceNode,
  place: TaskPlace,
): readonly Extension[] {
  if (ctx.extensions.length === 0 || place.extended !== undefined) return [];
  const keyword = keywordOf(task);
  const composite = keyword === 'do' || keyword === 'fork';
  return ctx.extensions.filter(
    ({ extend, node }) =>
      (extend === 'all' || extend === (composite ? 'composite' : keyword)) &&
      (memberOf(node, 'before') !== undefined || memberOf(node, 'after') !== undefined),
  );
}

/** Lowers a task with its extensions around it. */
export function lowerExtended(
  ctx: Context,
  task: SourceNode,
  place: TaskPlace,
  extensions: readonly Extension[],
): void {
  ctx.nodes.set(place.id, undefined);
  const base = baseOf(ctx, task, place);
  const keyword = keywordOf(task);
  const tied = !place.branch && leadsAway(task, keyword);
  if (keyword === 'switch' && tied) beside(ctx, { task, place, base, extensions });
  else if (keyword === 'try' && tied) within(ctx, { task, place, base, extensions });
  else around(ctx, { task, place, base, extensions });
}

interface Extended {
  readonly task: SourceNode;
  readonly place: TaskPlace;
  readonly base: IrNodeBase;
  readonly extensions: readonly Extension[];
}

/** X1 */
function around(ctx: Context, extended: Extended): void {
  const { task, place, base } = extended;
  const scope = `${place.id}/extensions`;
  const inner = innerPlace(place, scope);
  const { before, after } = stepsOf(ctx, extended);
  openScope(ctx, scope, place, [...before, inner, ...after]);
  ctx.nodes.set(place.id, { ...base, kind: 'do', body: scope });
  lowerSteps(ctx, before, { scope, following: inner.id });
  ctx.nodes.set(inner.id, undefined);
  const next: Target = after[0] === undefined ? { to: 'exit' } : { to: 'node', node: after[0].id };
  const here = { ...inner, next };
  ctx.nodes.set(inner.id, {
    ...identityOf(task, here),
    next,
    ...kindOf(ctx, task, here),
  });
  lowerSteps(ctx, after, { scope });
}

/** X3: the switch keeps its neighbours. */
function beside(ctx: Context, extended: Extended): void {
  const { task, place, base } = extended;
  const scope = `${place.id}/extensions`;
  const inner = innerPlace(place, place.scope);
  const { before, after } = stepsOf(ctx, extended);
  const steps = [...before, ...after];
  openScope(ctx, scope, place, steps);
  ctx.scopes.get(place.scope)?.nodes.push(inner.id);
  ctx.nodes.set(place.id, {
    ...identityOf(task, place),
    ...(base.if === undefined ? {} : { if: base.if }),
    next: { to: 'node', node: inner.id },
    aside: true,
    kind: 'do',
    body: scope,
  });
  lowerSteps(ctx, steps, { scope });
  ctx.nodes.set(inner.id, {
    ...base,
    id: inner.id,
    ...kindOf(ctx, task, { ...place, id: inner.id }),
  });
}

/** X3: the handler keeps its neighbours. */
function within(ctx: Context, extended: Extended): void {
  const { task, place, base } = extended;
  const scope = `${place.id}/try`;
  const inner = innerPlace(place, scope);
  const { before, after } = stepsOf(ctx, extended);
  openScope(ctx, scope, place, [...before, inner, ...after]);
  lowerSteps(ctx, before, { scope, following: inner.id });
  ctx.nodes.set(inner.id, undefined);
  const list = memberOf(task, 'try');
  const body = `${inner.id}/try`;
  const { scoped, calling } = place;
  if (list !== undefined) ctx.lowerTasks(list, { scope: body, owner: inner.id, scoped, calling });
  const next: Target = after[0] === undefined ? { to: 'exit' } : { to: 'node', node: after[0].id };
  ctx.nodes.set(inner.id, { ...identityOf(task, inner), next, kind: 'do', body });
  lowerSteps(ctx, after, { scope });
  const handler = memberOf(task, 'catch');
  if (handler === undefined) return;
  ctx.nodes.set(place.id, {
    ...base,
    kind: 'try',
    body: scope,
    catch: catchOf(ctx, handler, place),
  });
}

function innerPlace(place: TaskPlace, scope: string): TaskPlace {
  const id = `${place.id}/extensions/task/${escapeToken(place.name)}`;
  return { ...place, id, scope, next: { to: 'exit' }, branch: true };
}

/** Whether a task itself leads to its neighbours, apart from its `then`. */
function leadsAway(task: SourceNode, keyword: string): boolean {
  const stays = (node: SourceNode | undefined) => {
    const then = textOf(memberOf(node, 'then'));
    return then === undefined || then === 'continue' || then === 'end';
  };
  if (keyword === 'try') return !stays(memberOf(task, 'catch'));
  if (keyword !== 'switch') return false;
  const cases = memberOf(task, 'switch');
  return cases !== undefined && namedItems(cases).some(({ value }) => !stays(value));
}

/** A task of an extension, as it stands around one extended task. */
interface Step {
  readonly id: string;
  readonly name: string;
  readonly task: SourceNode;
  readonly siblings: ReadonlyMap<string, string>;
  readonly around: Surroundings & { readonly calling: readonly string[] };
  readonly when: SourceNode | undefined;
}

function stepsOf(ctx: Context, { task, place, extensions }: Extended) {
  const descriptor = describe(task as MapNode, place);
  const { scoped, calling } = place;
  const around = { scoped, calling, extended: descriptor };
  const stepsIn = (side: 'before' | 'after') =>
    extensions.flatMap(({ name, node }) => {
      const list = memberOf(node, side);
      const items = list === undefined ? [] : namedItems(list);
      const prefix = `${place.id}/extensions/${side}/${escapeToken(name)}`;
      const siblings = new Map(items.map(({ key }) => [key, `${prefix}/${escapeToken(key)}`]));
      const when = memberOf(node, 'when');
      return items.map(({ key, value }): Step => ({
        id: siblings.get(key) ?? '',
        name: key,
        task: value,
        siblings,
        around,
        when,
      }));
    });
  return { before: stepsIn('before'), after: stepsIn('after') };
}

/** `$task` of an extension: platform functions go by their short names. */
function describe(task: MapNode, { name }: TaskPlace): JsonObject {
  const definition = toJsonObject(task);
  const call = definition['call'];
  if (typeof call === 'string') definition['call'] = functionName(call);
  return descriptorOf(name, task.pointer, definition);
}

function openScope(
  ctx: Context,
  scope: string,
  owner: TaskPlace,
  nodes: readonly { readonly id: string }[],
): void {
  ctx.scopes.set(scope, { id: scope, owner: owner.id, nodes: nodes.map(({ id }) => id) });
}

/** X2, X4: lowers tasks of extensions, one after the other. */
function lowerSteps(
  ctx: Context,
  steps: readonly Step[],
  { scope, following }: { readonly scope: string; readonly following?: string },
): void {
  for (const [index, step] of steps.entries()) {
    const { id, name, siblings, around } = step;
    const node = steps[index + 1]?.id ?? following;
    const next: Target = node === undefined ? { to: 'exit' } : { to: 'node', node };
    ctx.lowerTask(step.task, { id, name, scope, next, siblings, branch: false, ...around });
    const lowered = ctx.nodes.get(id);
    if (lowered === undefined) continue;
    const condition = conditionOf(ctx, step, lowered.if);
    ctx.nodes.set(id, {
      ...lowered,
      ...(condition === undefined ? {} : { if: condition }),
      ...(leaves(step.task) ? {} : { aside: true }),
    });
  }
}

function conditionOf(
  ctx: Context,
  { when, around }: Step,
  own: string | undefined,
): string | undefined {
  if (when === undefined) return own;
  const applies = expression(ctx, when, around);
  return own === undefined ? applies : `(${closed(applies)}) and (${closed(own)})`;
}
