import type { Template } from '@parley/ir';
import { assert } from '@parley/kernel';
import { memberOf, textOf, type SourceNode } from '../source/tree.js';
import type { Context, TaskPlace } from './context.js';
import { targetOf } from './target.js';
import { namedItems } from './task-list.js';
import type { Kind } from './node.js';
import { duration, expression, integer, isOn, literal, template } from './values.js';

/** A member that the check has made sure of. */
export function member(node: SourceNode | undefined, key: string): SourceNode {
  const found = memberOf(node, key);
  assert(found !== undefined, `"${key}" at ${node?.pointer ?? 'a missing member'}`);
  return found;
}

export function doNode(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  return { kind: 'do', body: tasksIn(ctx, member(task, 'do'), place, 'do') };
}

export function forNode(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  const loop = member(task, 'for');
  const each = textOf(memberOf(loop, 'each')) ?? 'item';
  const at = textOf(memberOf(loop, 'at')) ?? 'index';
  const inside = { ...place, scoped: [...place.scoped, each, at] };
  const condition = memberOf(task, 'while');
  return {
    kind: 'for',
    each,
    at,
    in: itemsOf(ctx, member(loop, 'in'), place),
    ...(condition && { while: expression(ctx, condition, inside) }),
    body: tasksIn(ctx, member(task, 'do'), inside, 'do'),
  };
}

/** What a loop goes over: an expression, or the items themselves. */
export function itemsOf(ctx: Context, node: SourceNode, place: TaskPlace): Template {
  return node.kind === 'list'
    ? template(ctx, node, place)
    : { kind: 'expression', source: expression(ctx, node, place) };
}

/** Lowers a list of tasks inside a task; `path` leads from the task to the list. */
export function tasksIn(ctx: Context, list: SourceNode, place: TaskPlace, path: string): string {
  const { id, scoped, extended, calling } = place;
  const around = extended === undefined ? { scoped } : { scoped, extended };
  return ctx.lowerTasks(list, { scope: `${id}/${path}`, owner: id, calling, ...around });
}

export function forkNode(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  const fork = member(task, 'fork');
  const { id, scoped, extended, calling } = place;
  const around = extended === undefined ? { scoped } : { scoped, extended };
  const branches = ctx.lowerTasks(member(fork, 'branches'), {
    scope: `${id}/fork/branches`,
    owner: id,
    branches: true,
    calling,
    ...around,
  });
  return { kind: 'fork', branches, compete: isOn(memberOf(fork, 'compete')) };
}

export function setNode(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  return { kind: 'set', value: template(ctx, member(task, 'set'), place) };
}

export function waitNode(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  return { kind: 'wait', duration: duration(ctx, member(task, 'wait'), place) };
}

export function switchNode(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  const cases = namedItems(member(task, 'switch')).map(({ key, value }) => {
    const when = memberOf(value, 'when');
    return {
      name: key,
      ...(when && { when: expression(ctx, when, place) }),
      then: targetOf(memberOf(value, 'then'), place),
    };
  });
  return { kind: 'switch', cases };
}

export function raiseNode(ctx: Context, task: SourceNode, place: TaskPlace): Kind {
  const written = member(member(task, 'raise'), 'error');
  const name = textOf(written);
  const error = name === undefined ? written : ctx.use.get('errors', name);
  const optional = (key: 'title' | 'detail' | 'instance') => {
    const node = memberOf(error, key);
    return node === undefined ? {} : { [key]: template(ctx, node, place) };
  };
  return {
    kind: 'raise',
    error: {
      type: template(ctx, member(error, 'type'), place),
      status: literal(integer(member(error, 'status'))),
      ...optional('title'),
      ...optional('detail'),
      ...optional('instance'),
    },
  };
}
