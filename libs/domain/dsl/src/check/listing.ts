import { isTaskKeyword, task } from '../language/tasks.js';
import type { ListShape } from '../language/shape.js';
import { shapeOf } from '../language/shape.js';
import type { MapEntry, MapNode } from '../source/tree.js';
import { nameOf, type Check } from './context.js';

/** An object where a list of named items belongs: the dashes are missing, or the names. */
export function reportUnlisted(check: Check, node: MapNode, shape: ListShape): void {
  const entry = shapeOf(shape.items);
  const what = entry.kind === 'entry' ? entry.title : 'item';
  const unnamed = node.entries.some(({ key }) => Object.hasOwn(task.undecided.members, key));
  const cure = unnamed
    ? `give the ${what} a name and make it an item, as in "- name:"`
    : `begin each ${what} with a dash, as in "- ${node.entries[0]?.key ?? 'name'}:"`;
  check.reporter.report('PL1012', node, {
    message: `${nameOf(node)} must be a list, not an object: ${cure}`,
    expected: 'a list',
    actual: 'an object',
    ...(!unnamed && dashFix(check, node)),
  });
}

/** In block style, a dash before every name and two spaces before all the rest. */
function dashFix(check: Check, node: MapNode) {
  const { lines } = check.reporter;
  const [first] = node.entries;
  const starts = new Set(node.entries.map(({ keySpan }) => lines.lineStart(keySpan.start)));
  if (node.flow || first === undefined || starts.size < node.entries.length) return {};
  const { start } = first.keySpan;
  const column = start - lines.lineStart(start);
  if (check.source.slice(lines.lineStart(start), start).trim() !== '') return {};
  const span = { start: start - column, end: node.span.end };
  let at = span.start;
  const moved = check.source
    .slice(span.start, span.end)
    .split('\n')
    .map((line) => {
      const named = starts.has(at);
      at += line.length + 1;
      if (named) return `${line.slice(0, column)}- ${line.slice(column)}`;
      return line.trim() === '' ? line : `  ${line}`;
    });
  return { fix: { title: 'Make it a list', span, newText: moved.join('\n') } };
}

/** What an item with several entries should have been. */
export function reportCrowded(check: Check, item: MapNode, second: MapEntry): void {
  const [first] = item.entries;
  const slipped = first?.value.kind === 'scalar' && first.value.value === null && !item.flow;
  const place = { span: second.keySpan, pointer: second.value.pointer };
  if (slipped) {
    check.reporter.report('PL1016', place, {
      message: `"${second.key}" belongs into "${first.key}": indent it further`,
      ...indentFix(check, item, second),
    });
  } else if (item.entries.some(({ key }) => isTaskKeyword(key))) {
    check.reporter.report('PL1016', first === undefined ? place : placeOfKey(first), {
      message:
        'The task has no name: begin the item with one, as in "- name:", and indent the rest',
    });
  } else {
    check.reporter.report('PL1016', place, {
      message: `"${second.key}" needs an item of its own`,
      ...splitFix(check, item, second),
    });
  }
}

function placeOfKey({ keySpan, value }: MapEntry) {
  return { span: keySpan, pointer: value.pointer };
}

/** Everything from the second entry on goes two spaces further in. */
function indentFix(check: Check, item: MapNode, second: MapEntry) {
  const start = check.reporter.lines.lineStart(second.keySpan.start);
  if (check.source.slice(start, second.keySpan.start).trim() !== '') return {};
  const span = { start, end: item.span.end };
  const newText = check.source.slice(span.start, span.end).replaceAll(/^(?=[^\r\n])/gm, '  ');
  return { fix: { title: 'Indent what belongs into it', span, newText } };
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
