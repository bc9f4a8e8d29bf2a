import { memberOf, textOf, type MapEntry, type SourceNode } from '../source/tree.js';
import { compensationsIn } from '../language/compensation.js';
import type { Check } from './context.js';

/** Out of the list, as a position. */
const out = -1;

/** A step that leads somewhere else than to the next task, and where that is written. */
interface Jump {
  readonly to: number;
  readonly node?: SourceNode;
}

/**
 * Warns of tasks that nothing leads to, and of loops that nothing leads out of. Judged is what the
 * list says for certain: a condition may hold or not, and any task may end.
 */
export function checkFlow(check: Check, all: readonly MapEntry[]): void {
  const undoing = compensationsIn(all);
  const tasks = all.filter(({ key }) => !undoing.has(key));
  if (tasks.every(({ value }) => isPlain(value))) return;
  const positions = new Map(tasks.map(({ key }, index) => [key, index]));
  const jumps = tasks.map(({ value }, index) =>
    jumpsOf(value, { index, positions, last: tasks.length - 1 }),
  );
  const reached = reachedFrom(0, jumps);
  reportUnreached(check, tasks, reached);
  reportLoop(check, { tasks, jumps, reached });
}

/** A task that leads to the next one and nowhere else. */
function isPlain(task: SourceNode): boolean {
  if (task.kind !== 'map') return true;
  for (const { key } of task.entries) {
    if (key === 'then' || key === 'switch' || key === 'raise' || key === 'catch') return false;
  }
  return true;
}

interface Position {
  readonly index: number;
  readonly last: number;
  readonly positions: ReadonlyMap<string, number>;
}

function jumpsOf(task: SourceNode, at: Position): Jump[] {
  const next = at.index < at.last ? at.index + 1 : out;
  const leadsTo = (node: SourceNode | undefined): Jump => {
    const text = textOf(node);
    if (node === undefined || text === undefined || text === 'continue') return { to: next };
    if (text === 'exit' || text === 'end') return { to: out, node };
    // A name that there is not has been told of; what it was meant to be may be anything.
    return { to: at.positions.get(text) ?? next, node };
  };
  const then = leadsTo(memberOf(task, 'then'));
  const jumps: Jump[] = memberOf(task, 'if') === undefined ? [] : [{ to: next }];
  const cases = memberOf(task, 'switch');
  if (cases?.kind === 'list') {
    const options = cases.items.map((item) => (item.kind === 'map' ? item.entries[0] : undefined));
    jumps.push(...options.map((option) => leadsTo(memberOf(option?.value, 'then'))));
    const always = options.some((option) => memberOf(option?.value, 'when') === undefined);
    if (!always) jumps.push(then);
  } else if (memberOf(task, 'raise') === undefined) {
    jumps.push(then);
  }
  const handled = memberOf(memberOf(task, 'catch'), 'then');
  if (handled !== undefined) jumps.push(leadsTo(handled));
  return jumps;
}

function reachedFrom(start: number, jumps: readonly (readonly Jump[])[]): Set<number> {
  const reached = new Set([start]);
  const open = [start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const { to } of jumps[at] ?? []) {
      if (to === out || reached.has(to)) continue;
      reached.add(to);
      open.push(to);
    }
  }
  return reached;
}

/** Of tasks in a row that nothing leads to, the first is named. */
function reportUnreached(
  check: Check,
  tasks: readonly MapEntry[],
  reached: ReadonlySet<number>,
): void {
  for (const [index, { key, keySpan, value }] of tasks.entries()) {
    if (reached.has(index) || (index > 0 && !reached.has(index - 1))) continue;
    let end = index + 1;
    while (end < tasks.length && !reached.has(end)) end += 1;
    const more = end - index - 1;
    const others = more === 0 ? '' : more === 1 ? ' and the next' : ` and the ${more} after it`;
    check.reporter.report(
      'PL1027',
      { span: keySpan, pointer: value.pointer },
      { message: `Nothing leads to the task "${key}"${others}` },
    );
  }
}

interface Flow {
  readonly tasks: readonly MapEntry[];
  readonly jumps: readonly (readonly Jump[])[];
  readonly reached: ReadonlySet<number>;
}

/** A loop without a way out, unless something in it may end it or waits for others. */
function reportLoop(check: Check, { tasks, jumps, reached }: Flow): void {
  const leaving = leavingTasks(jumps);
  const stuck = [...reached].filter((index) => !leaving.has(index)).sort((a, b) => a - b);
  if (stuck.some((index) => mayEnd(tasks[index]?.value))) return;
  for (const index of stuck) {
    const back = jumps[index]?.find(({ to }) => to !== out && to <= index);
    if (back?.node === undefined) continue;
    const to = tasks[back.to]?.key ?? '';
    check.reporter.report('PL1028', back.node, {
      message: `From "${tasks[index]?.key ?? ''}" back to "${to}" for ever: nothing leads out of this loop`,
      actual: to,
    });
    return;
  }
}

/** Tasks from which the end of the list can be reached; one that raises an error ends it, too. */
function leavingTasks(jumps: readonly (readonly Jump[])[]): Set<number> {
  const before = new Map<number, number[]>();
  const leaving = new Set<number>();
  const open: number[] = [];
  for (const [index, targets] of jumps.entries()) {
    for (const { to } of targets) {
      if (to !== out) before.set(to, [...(before.get(to) ?? []), index]);
    }
    if (targets.length === 0 || targets.some(({ to }) => to === out)) open.push(index);
  }
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (leaving.has(at)) continue;
    leaving.add(at);
    open.push(...(before.get(at) ?? []));
  }
  return leaving;
}

/** Whether a task waits for others, or has something in it that ends more than itself. */
function mayEnd(node: SourceNode | undefined): boolean {
  if (node?.kind === 'list') return node.items.some(mayEnd);
  if (node?.kind !== 'map') return false;
  return node.entries.some(
    ({ key, value }) =>
      key === 'listen' ||
      key === 'raise' ||
      (key === 'then' && textOf(value) === 'end') ||
      mayEnd(value),
  );
}
