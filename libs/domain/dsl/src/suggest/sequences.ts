import type { IrCallNode, IrNode, IrScope, Template } from '@parley/ir';
import { columnOf, entryLines, reindent } from '../edit/text.js';
import type { ParsedSource } from '../source/parse.js';
import type { MapEntry, MapNode } from '../source/tree.js';
import type { Advice, Cure } from './report.js';
import { endWithBreak, movedLines, replacing, taskLines, type BlockTask } from './text-edits.js';

/**
 * PS2001: reads that could run side by side. Only reads: the order of what changes something may
 * matter, whatever the data says.
 */
export function adviseForks(advice: Advice): void {
  for (const scope of Object.values(advice.ir.scopes)) {
    for (const group of groupsOf(advice, scope)) {
      const [first] = group;
      if (first === undefined || group.length < 2) continue;
      const names = group.map(({ name }) => `"${name}"`);
      const message = `${names.slice(0, -1).join(', ')} and ${names.at(-1)} do not need each other's results and could run side by side`;
      advice.add('PS2001', first.pointer, message, forkCure(advice, scope, group));
    }
  }
}

function groupsOf(advice: Advice, scope: IrScope): IrCallNode[][] {
  if (advice.node(scope.owner ?? '')?.kind === 'fork') return [];
  const groups: IrCallNode[][] = [];
  let group: IrCallNode[] = [];
  for (const [index, id] of scope.nodes.entries()) {
    const node = advice.node(id);
    const before = group.at(-1);
    const joins =
      node !== undefined && before !== undefined && follows(advice, scope, { node, before, index });
    if (joins && isRead(node) && isIndependent(advice, group, node)) group.push(node);
    else if (isRead(node)) groups.push((group = [node]));
    else group = [];
  }
  return groups;
}

function isRead(node: IrNode | undefined): node is IrCallNode {
  return (
    node?.kind === 'call' &&
    node.delivery === 'safe' &&
    node.if === undefined &&
    node.aside !== true
  );
}

/** Control comes to `node` from `before`, and from nowhere else. */
function follows(
  advice: Advice,
  scope: IrScope,
  {
    node,
    before,
    index,
  }: { readonly node: IrNode; readonly before: IrNode; readonly index: number },
): boolean {
  if (before.next.to !== 'node' || before.next.node !== node.id) return false;
  return scope.nodes.every((id, at) => at === index - 1 || !goesTo(advice.node(id), node.id));
}

function goesTo(node: IrNode | undefined, id: string): boolean {
  if (node === undefined) return false;
  const targets = [
    node.next,
    ...(node.kind === 'switch' ? node.cases.map(({ then }) => then) : []),
    ...(node.kind === 'try' && node.catch.then ? [node.catch.then] : []),
  ];
  return targets.some((target) => target.to === 'node' && target.node === id);
}

function isIndependent(advice: Advice, group: readonly IrCallNode[], node: IrCallNode): boolean {
  const flow = advice.flow[node.id];
  if (flow === undefined || flow.unknown || node.input?.schema !== undefined) return false;
  if (flow.reads.input.length > 0) return false;
  return group.every((earlier) => {
    const before = advice.flow[earlier.id];
    if (before === undefined || before.unknown) return false;
    const written = before.writes.context;
    return !overlap(written, flow.reads.context) && !overlap(written, flow.writes.context);
  });
}

type Paths = readonly (readonly (string | number)[])[];

/** Whether some member is in both; the empty path is all members. */
function overlap(some: Paths, others: Paths): boolean {
  return some.some(([a]) => others.some(([b]) => a === undefined || b === undefined || a === b));
}

/** The fork hands on what its last branch gives, as the list of tasks did. */
function forkCure(advice: Advice, scope: IrScope, group: readonly IrCallNode[]): Cure | undefined {
  const { parsed } = advice;
  const blocks = group.map((node) => {
    const task = advice.written(node);
    return task && taskLines(parsed, task);
  });
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const then = thenOf(last.map);
  if (last.map.flow && then !== undefined) return undefined;
  const branches: string[] = [];
  for (const block of blocks) {
    if (block === undefined || (block !== last && thenOf(block.map))) return undefined;
    branches.push(branchText(parsed, block, 6));
  }
  const pad = ' '.repeat(first.dashColumn);
  const text = [
    `${pad}- ${freshName(advice, scope, group)}:\n${pad}    fork:\n${pad}      branches:\n`,
    ...branches,
    `${pad}    output: { as: '.[${group.length - 1}]' }\n`,
    ...(then
      ? [movedLines(parsed, then, first.dashColumn + 4 - columnOf(parsed, then.keySpan.start))]
      : []),
  ].join('');
  const span = { start: first.start, end: last.end };
  return { title: 'Run them side by side', span, newText: replacing(parsed, last.end, text) };
}

function thenOf(map: MapNode): MapEntry | undefined {
  return map.entries.find(({ key }) => key === 'then');
}

/** The lines of a task without its `then`, `delta` columns further in. */
function branchText(parsed: ParsedSource, { start, end, map }: BlockTask, delta: number): string {
  const then = map.flow ? undefined : thenOf(map);
  const cut = then ? entryLines(parsed, then) : { start: end, end };
  const text = parsed.source.slice(start, cut.start) + parsed.source.slice(cut.end, end);
  return endWithBreak(reindent(text, delta));
}

function freshName(advice: Advice, scope: IrScope, group: readonly IrCallNode[]): string {
  const taken = new Set(scope.nodes.map((id) => advice.node(id)?.name));
  const wanted = `${group[0]?.name ?? ''}AndMore`;
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) name = `${wanted}${count}`;
  return JSON.stringify(name).slice(1, -1) === name && /^[A-Za-z][\w-]*$/.test(name)
    ? name
    : JSON.stringify(name);
}

/** PS2004: a read that the one before it has answered, with nothing in between that changes things. */
export function adviseRepeats(advice: Advice): void {
  for (const scope of Object.values(advice.ir.scopes)) {
    if (advice.node(scope.owner ?? '')?.kind === 'fork') continue;
    const earlier = new Map<string, IrCallNode>();
    for (const [index, id] of scope.nodes.entries()) {
      const node = advice.node(id);
      const before = advice.node(scope.nodes[index - 1] ?? '');
      if (node === undefined) continue;
      if (before === undefined || !follows(advice, scope, { node, before, index })) earlier.clear();
      if (node.kind !== 'set' && !isRead(node)) earlier.clear();
      if (isRead(node)) repeats(advice, node, earlier);
      if ((advice.flow[id]?.writes.context.length ?? 0) > 0) forgetContext(advice, earlier);
    }
  }
}

function repeats(advice: Advice, node: IrCallNode, earlier: Map<string, IrCallNode>): void {
  const flow = advice.flow[node.id];
  const { function: called, with: given, authentication, operation } = node;
  if (flow === undefined || flow.unknown || flow.reads.input.length > 0) return;
  if ('task' in flow.reads.variables || usesNow(given)) return;
  const key = JSON.stringify([called, given, authentication, operation]);
  const same = earlier.get(key);
  if (same === undefined) earlier.set(key, node);
  else advice.add('PS2004', node.pointer, `"${node.name}" reads what "${same.name}" has just read`);
}

/** What is read through the context may differ from now on. */
function forgetContext(advice: Advice, earlier: Map<string, IrCallNode>): void {
  for (const [key, { id }] of earlier) {
    if ((advice.flow[id]?.reads.context.length ?? 0) > 0) earlier.delete(key);
  }
}

function usesNow(given: Template): boolean {
  return /\bnow\b/.test(JSON.stringify(given));
}
