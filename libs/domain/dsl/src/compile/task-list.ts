import type { IrNode, NodeId, ScopeId, Target } from '@parley/ir';
import { escapeToken, type ListNode, type MapEntry, type SourceNode } from '../source/tree.js';
import { tasksMax, type Context } from './context.js';
import { singleEntry } from './list-item.js';
import { expectItems } from './members.js';
import type { ListPlace } from './place.js';
import { compileTask } from './task.js';

const nameLengthMax = 200;

/**
 * Compiles a list of tasks into a scope. Ids are name paths: the JSON Pointer of the list without
 * indices, then the name.
 */
export function compileTaskList(ctx: Context, node: SourceNode, place: ListPlace): void {
  const what = place.branches === true ? '"branches"' : `"${lastToken(node.pointer)}"`;
  const items = expectItems(ctx, node, what);
  if (items === undefined || ctx.nodes.size > tasksMax) return;
  const { tasks, complete } = namedTasks(ctx, node as ListNode);
  const siblings = new Map(tasks.map(({ key }) => [key, idOf(place.scope, key)]));
  const nodes = [...siblings.values()];
  ctx.scopes.set(place.scope, {
    id: place.scope,
    ...(place.owner === undefined ? {} : { owner: place.owner }),
    nodes,
  });
  if (ctx.nodes.size + tasks.length > tasksMax) {
    ctx.reporter.report(
      'PL1061',
      { span: node.keySpan ?? node.span, pointer: node.pointer },
      {
        message: `The definition has more than ${tasksMax} tasks`,
      },
    );
    return;
  }
  for (const [index, entry] of tasks.entries()) {
    const following = place.branches === true ? undefined : nodes[index + 1];
    const next: Target = following === undefined ? { to: 'exit' } : { to: 'node', node: following };
    const id = idOf(place.scope, entry.key);
    const { scope, scoped } = place;
    compileTask(ctx, entry, {
      id,
      name: entry.key,
      scope,
      next,
      siblings,
      complete,
      branch: place.branches === true,
      scoped,
    });
  }
}

/** The entries of a list of tasks; duplicates and malformed items are reported and left out. */
function namedTasks(
  ctx: Context,
  list: ListNode,
): { readonly tasks: MapEntry[]; readonly complete: boolean } {
  const seen = new Map<string, MapEntry>();
  let complete = true;
  for (const item of list.items) {
    const entry = singleEntry(ctx, item);
    if (entry === undefined) {
      complete = false;
      continue;
    }
    checkName(ctx, entry);
    if (seen.has(entry.key)) reportDuplicate(ctx, entry, seen);
    else seen.set(entry.key, entry);
  }
  return { tasks: [...seen.values()], complete };
}

function checkName(ctx: Context, entry: MapEntry): void {
  const place = { span: entry.keySpan, pointer: entry.value.pointer };
  if (entry.key.trim() === '') {
    ctx.reporter.report('PL1017', place, { message: 'The name of the task is empty' });
  } else if (entry.key.length > nameLengthMax) {
    ctx.reporter.report('PL1013', place, {
      message: `Names have at most ${nameLengthMax} characters`,
    });
  } else if (['continue', 'exit', 'end'].includes(entry.key)) {
    ctx.reporter.report('PL1023', place, {
      message: `Nothing can go to a task named "${entry.key}": "then: ${entry.key}" means something else`,
    });
  }
}

function reportDuplicate(ctx: Context, entry: MapEntry, seen: ReadonlyMap<string, MapEntry>): void {
  let count = 2;
  while (seen.has(`${entry.key}${count}`)) count += 1;
  const free = `${entry.key}${count}`;
  const first = ctx.reporter.lines.position(seen.get(entry.key)?.keySpan.start ?? 0);
  ctx.reporter.report(
    'PL1020',
    { span: entry.keySpan, pointer: entry.value.pointer },
    {
      message: `The name "${entry.key}" is taken by the task in line ${first.line}`,
      actual: entry.key,
      suggestions: [free],
      fix: { title: `Rename to "${free}"`, span: entry.keySpan, newText: free },
    },
  );
}

function idOf(scope: ScopeId, name: string): NodeId {
  return `${scope}/${escapeToken(name)}`;
}

function lastToken(pointer: string): string {
  return pointer.slice(pointer.lastIndexOf('/') + 1);
}

/** The finished nodes in document order. */
export function finishedNodes(ctx: Context): Record<NodeId, IrNode> {
  const finished = [...ctx.nodes].filter(
    (entry): entry is [NodeId, IrNode] => entry[1] !== undefined,
  );
  return Object.fromEntries(finished);
}
