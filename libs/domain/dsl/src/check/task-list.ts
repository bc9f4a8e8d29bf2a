import type { ListShape } from '../language/shape.js';
import { shapeOf } from '../language/shape.js';
import { isTaskKeyword } from '../language/tasks.js';
import type { ListNode, MapEntry } from '../source/tree.js';
import { keyPlace, tasksMax, type Check, type Env, type ListPlace } from './context.js';
import { checkCompensations } from './compensation.js';
import { singleEntry } from './entry.js';
import { checkFlow } from './flow.js';

const nameLengthMax = 200;

interface Tasks {
  readonly shape: ListShape;
  readonly branches: boolean;
  readonly env: Env;
}

/** Holds a list of tasks against its shape: their names, the tasks, and how they follow each other. */
export function walkTasks(check: Check, node: ListNode, { shape, branches, env }: Tasks): void {
  check.tasks += node.items.length;
  if (check.tasks > tasksMax) {
    if (check.tasks - node.items.length <= tasksMax) {
      check.reporter.report('PL1061', keyPlace(node), {
        message: `The definition has more than ${tasksMax} tasks`,
      });
    }
    return;
  }
  const { tasks, positions, complete } = namedTasks(check, node);
  const list: ListPlace = { positions, complete, branches, pointer: node.pointer };
  const inner: Env = { ...env, at: 'task', list };
  const errors = check.reporter.errorCount;
  const entry = shapeOf(shape.items);
  if (entry.kind !== 'entry') return;
  for (const { value } of tasks) check.walk(value, entry.value, inner);
  checkCompensations(check, tasks, list);
  const right = complete && check.reporter.errorCount === errors;
  if (right && !branches) checkFlow(check, tasks);
}

interface Named {
  readonly tasks: readonly MapEntry[];
  readonly positions: ReadonlyMap<string, number>;
  /** Every item has a name that could be read, and no two have the same. */
  readonly complete: boolean;
}

function namedTasks(check: Check, list: ListNode): Named {
  const tasks: MapEntry[] = [];
  const positions = new Map<string, number>();
  let complete = true;
  for (const item of list.items) {
    const entry = singleEntry(check, item);
    if (entry === undefined) {
      complete = false;
      continue;
    }
    checkName(check, entry);
    if (isWrapped(entry)) complete = false;
    const first = positions.get(entry.key);
    if (first === undefined) positions.set(entry.key, tasks.length);
    else reportDuplicate(check, entry, { first: tasks[first], positions });
    tasks.push(entry);
  }
  return { tasks, positions, complete };
}

/** Something with tasks in it where a task should be: their names are one level too deep. */
function isWrapped({ value }: MapEntry): boolean {
  if (value.kind !== 'map' || value.entries.length !== 1) return false;
  const [inner] = value.entries;
  if (inner === undefined || isTaskKeyword(inner.key) || inner.value.kind !== 'map') return false;
  return inner.value.entries.some(
    ({ key, value: task }) =>
      isTaskKeyword(key) ||
      (task.kind === 'map' && task.entries.some((one) => isTaskKeyword(one.key))),
  );
}

function checkName(check: Check, entry: MapEntry): void {
  const place = () => ({ span: entry.keySpan, pointer: entry.value.pointer });
  if (entry.key.trim() === '') {
    check.reporter.report('PL1017', place(), { message: 'The name of the task is empty' });
  } else if (entry.key.length > nameLengthMax) {
    check.reporter.report('PL1013', place(), {
      message: `Names have at most ${nameLengthMax} characters`,
    });
  } else if (entry.key === 'continue' || entry.key === 'exit' || entry.key === 'end') {
    check.reporter.report('PL1023', place(), {
      message: `Nothing can go to a task named "${entry.key}": "then: ${entry.key}" means something else`,
    });
  }
}

function reportDuplicate(
  check: Check,
  entry: MapEntry,
  found: {
    readonly first: MapEntry | undefined;
    readonly positions: ReadonlyMap<string, number>;
  },
): void {
  let count = 2;
  while (found.positions.has(`${entry.key}${count}`)) count += 1;
  const free = `${entry.key}${count}`;
  const { line } = check.reporter.lines.position(found.first?.keySpan.start ?? 0);
  check.reporter.report(
    'PL1020',
    { span: entry.keySpan, pointer: entry.value.pointer },
    {
      message: `The name "${entry.key}" is taken by the task in line ${line}`,
      actual: entry.key,
      suggestions: [free],
      fix: { title: `Rename to "${free}"`, span: entry.keySpan, newText: free },
    },
  );
}
