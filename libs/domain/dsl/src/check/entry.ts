import type { MapEntry, MapNode, SourceNode } from '../source/tree.js';
import { isTaskKeyword, task } from '../language/tasks.js';
import type { Check } from './context.js';
import { expectMap } from './wrong.js';

/** The one entry of an item such as `- name: …`. */
export function singleEntry(check: Check, item: SourceNode): MapEntry | undefined {
  if (!expectMap(check, item)) return undefined;
  const [entry, second] = item.entries;
  if (entry === undefined) {
    check.reporter.report('PL1016', item, { message: 'The item has no name' });
    return undefined;
  }
  if (second === undefined) return entry;
  check.reporter.report(
    'PL1016',
    { span: second.keySpan, pointer: second.value.pointer },
    { message: `"${second.key}" needs an item of its own`, ...splitFix(check, item, second) },
  );
  return undefined;
}

/** In block style a dash before the second name makes two items. */
function splitFix(check: Check, item: MapNode, second: MapEntry) {
  const { lines } = check.reporter;
  const lineStart = lines.lineStart(second.keySpan.start);
  const indent = second.keySpan.start - lineStart;
  const blank = check.source.slice(lineStart, second.keySpan.start).trim() === '';
  if (item.flow || !blank || indent < 2 || !item.entries.every(isTask)) return {};
  const span = { start: second.keySpan.start - 2, end: second.keySpan.start };
  return { fix: { title: 'Start a new item', span, newText: '- ' } };
}

/** A name with a task; one whose name is a member of tasks has slipped out of one. */
function isTask({ key, value }: MapEntry): boolean {
  const member = Object.hasOwn(task.undecided.members, key);
  return !member && value.kind === 'map' && value.entries.some((one) => isTaskKeyword(one.key));
}
