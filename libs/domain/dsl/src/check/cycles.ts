import { functionDepthMax } from '../lower/context.js';
import { textOf, type ScalarNode, type SourceNode } from '../source/tree.js';
import type { Check } from './context.js';

interface Call {
  readonly name: string;
  readonly node: ScalarNode;
}

/** A function that calls itself, directly or through others, would never end. */
export function checkCycles(check: Check): void {
  const functions = check.declared.of('functions');
  if (functions.size === 0) return;
  const calls = new Map<string, Call[]>();
  for (const [name, task] of functions) {
    const found: Call[] = [];
    collectCalls(task, functions, found);
    calls.set(name, found);
  }
  const done = new Set<string>();
  for (const name of functions.keys()) visit(check, calls, { name, path: [], done });
}

interface Visit {
  readonly name: string;
  readonly path: readonly string[];
  readonly done: Set<string>;
}

function visit(
  check: Check,
  calls: ReadonlyMap<string, readonly Call[]>,
  { name, path, done }: Visit,
): void {
  // Longer rows of calls are refused where they are followed.
  if (done.has(name) || path.length >= functionDepthMax) return;
  const here = [...path, name];
  for (const call of calls.get(name) ?? []) {
    const at = here.indexOf(call.name);
    if (at === -1) {
      visit(check, calls, { name: call.name, path: here, done });
      continue;
    }
    const circle = [...here.slice(at), call.name].join(' → ');
    check.reporter.report('PL1026', call.node, {
      message: `The function "${call.name}" would call itself: ${circle}`,
      actual: call.name,
    });
  }
  done.add(name);
}

/** Calls of declared functions in a task and all that is in it. */
function collectCalls(
  node: SourceNode,
  functions: ReadonlyMap<string, SourceNode>,
  found: Call[],
): void {
  if (node.kind === 'list') for (const item of node.items) collectCalls(item, functions, found);
  if (node.kind !== 'map') return;
  for (const { key, value } of node.entries) {
    const name = key === 'call' ? textOf(value) : undefined;
    if (name !== undefined && functions.has(name) && value.kind === 'scalar') {
      found.push({ name, node: value });
    } else if (key !== 'set' && key !== 'metadata' && key !== 'schema') {
      collectCalls(value, functions, found);
    }
  }
}
