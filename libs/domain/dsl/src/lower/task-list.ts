import type { ScopeId, Target } from '@parley/ir';
import { assert } from '@parley/kernel';
import { compensationsIn } from '../language/compensation.js';
import { escapeToken, type MapEntry, type SourceNode } from '../source/tree.js';
import type { Context, ListPlace } from './context.js';

/**
 * Lowers a list of tasks into a scope. Ids are name paths: the JSON Pointer of the list without
 * indices, then the name.
 */
export function lowerTaskList(ctx: Context, list: SourceNode, place: ListPlace): ScopeId {
  const { scope, owner, branches = false } = place;
  const tasks = namedItems(list);
  const undoing = branches ? new Set<string>() : compensationsIn(tasks);
  const ids = tasks.map(({ key }) => `${scope}/${escapeToken(key)}`);
  const siblings = new Map(tasks.map(({ key }, index) => [key, ids[index] ?? '']));
  const nodes: string[] = [];
  ctx.scopes.set(scope, { id: scope, ...(owner === undefined ? {} : { owner }), nodes });
  for (const [index, { key, value }] of tasks.entries()) {
    const following = branches || undoing.has(key) ? undefined : after(tasks, index, undoing);
    const next: Target =
      following === undefined
        ? { to: 'exit' }
        : { to: 'node', node: siblings.get(following.key) ?? '' };
    const id = ids[index] ?? '';
    nodes.push(id);
    const { scoped, extended, calling } = place;
    const around = extended === undefined ? { scoped } : { scoped, extended };
    const here = { id, name: key, scope, next, siblings, branch: branches, calling, ...around };
    ctx.lowerTask(value, here);
  }
  if (undoing.size > 0) {
    const last = new Set([...undoing].map((name) => siblings.get(name)));
    const ordered = [...nodes.filter((id) => !last.has(id)), ...nodes.filter((id) => last.has(id))];
    nodes.splice(0, nodes.length, ...ordered);
  }
  return scope;
}

/** The next task that has a part in the ordinary flow. */
function after(
  tasks: readonly MapEntry[],
  index: number,
  undoing: ReadonlySet<string>,
): MapEntry | undefined {
  return tasks.find(({ key }, at) => at > index && !undoing.has(key));
}

/** The entries of a list of items such as `- name: …`. */
export function namedItems(list: SourceNode): MapEntry[] {
  assert(list.kind === 'list', `a list at ${list.pointer}`);
  return list.items.map((item) => {
    const entry = item.kind === 'map' ? item.entries[0] : undefined;
    assert(entry !== undefined, `a named item at ${item.pointer}`);
    return entry;
  });
}
