import type { Target } from '@parley/ir';
import { escapeToken, memberOf, textOf, type SourceNode } from '../source/tree.js';
import type { Context, Extension, TaskPlace } from './context.js';
import { lowerSteps, openScope, stepsOf, type Extended } from './extension-steps.js';
import { namedItems } from './task-list.js';
import { baseOf, identityOf, keywordOf, kindOf } from './node.js';
import { catchOf } from './try.js';

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

/** The extensions that a definition declares; of several with one name, the later get a number. */
export function declaredExtensions(items: readonly SourceNode[]): Extension[] {
  const seen = new Map<string, number>();
  return items.flatMap((item) => {
    const entry = item.kind === 'map' ? item.entries[0] : undefined;
    if (entry === undefined) return [];
    const { key, value: node } = entry;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    const extend = textOf(memberOf(node, 'extend')) ?? 'all';
    return [{ name: count === 1 ? key : `${key}#${count}`, extend, node }];
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
