import { nearest } from '../diagnostics/nearest.js';
import { compensateOf } from '../language/compensation.js';
import { textOf, type MapEntry } from '../source/tree.js';
import type { Check, ListPlace } from './context.js';

/** What undoes a task is another task of the same list, which is not undone itself. */
export function checkCompensations(
  check: Check,
  tasks: readonly MapEntry[],
  list: Pick<ListPlace, 'complete' | 'branches'>,
): void {
  const names = tasks.map(({ key }) => key);
  for (const { key, value } of tasks) {
    const node = compensateOf(value);
    if (node === undefined) continue;
    const undoer = textOf(node);
    const report = (message: string, suggestions: readonly string[] = []) => {
      check.reporter.report('PL1025', node, { message, suggestions, actual: undoer ?? '' });
    };
    if (undoer === undefined) report(`What undoes "${key}" is named by a text`);
    else if (list.branches) {
      report('Branches of a fork do not undo each other: both tasks go into one branch, with `do`');
    } else if (undoer === key) report(`"${key}" cannot undo itself`);
    else if (!names.includes(undoer)) {
      if (!list.complete) continue;
      const others = names.filter((name) => name !== key);
      report(`There is no task "${undoer}" in this list to undo "${key}"`, nearest(undoer, others));
    } else if (compensateOf(tasks[names.indexOf(undoer)]?.value ?? value) !== undefined) {
      report(`"${undoer}" undoes "${key}", so it is not undone itself`);
    }
  }
}
