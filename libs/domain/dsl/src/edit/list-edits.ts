import type { Json } from '@parley/kernel';
import { indentWidth, renderFlow, renderStep } from '../render/render.js';
import type { ParsedSource } from '../source/parse.js';
import type { ListNode, MapNode } from '../source/tree.js';
import {
  afterBlankLines,
  beforeBlankLines,
  columnOf,
  itemLines,
  type Lines,
  type Patch,
} from './text.js';

/** A named task that is to be put into a list. */
export interface NewStep {
  readonly name: string;
  readonly task: Json;
}

/** Inserts a step before item `index`; the number of items appends. */
export function insertStep(
  parsed: ParsedSource,
  list: ListNode,
  index: number,
  step: NewStep,
): Patch {
  if (list.items.length === 0) return fillEmptyList(parsed, list, step);
  if (list.flow) return insertFlow(parsed, list, index, renderFlowStep(parsed, list, step));
  const column = columnOf(parsed, list.dashes[0] ?? 0);
  return insertLines(parsed, list, index, renderStep(step.name, step.task, column));
}

/** Inserts the lines of a step, indented already, into a block list. */
export function insertLines(
  parsed: ParsedSource,
  list: ListNode,
  index: number,
  text: string,
): Patch {
  const gap = separated(parsed, list) ? '\n' : '';
  const next = list.items[index];
  if (next !== undefined) {
    const { start } = itemLines(parsed, list, index);
    return { start, end: start, newText: text + gap };
  }
  const { end } = itemLines(parsed, list, list.items.length - 1);
  const open = parsed.source.charAt(end - 1) === '\n' ? '' : '\n';
  const closed = open === '' ? text : text.replace(/\n$/, '');
  return { start: end, end, newText: open + gap + closed };
}

/** Removes item `index`; the only item leaves an empty list. */
export function removeStep(parsed: ParsedSource, list: ListNode, index: number): Patch {
  if (list.items.length === 1) return emptied(parsed, list, '[]');
  if (list.flow) return removeFlow(list, index);
  return removalOf(parsed, itemLines(parsed, list, index), index === list.items.length - 1);
}

/** Removes whole lines and the blank ones that set them off. */
export function removalOf(parsed: ParsedSource, lines: Lines, last: boolean): Patch {
  return last
    ? { start: beforeBlankLines(parsed.source, lines.start), end: lines.end, newText: '' }
    : { start: lines.start, end: afterBlankLines(parsed.source, lines.end), newText: '' };
}

/** Blank lines stand between the items. */
function separated(parsed: ParsedSource, list: ListNode): boolean {
  if (list.items.length < 2) return false;
  const first = itemLines(parsed, list, 0);
  return afterBlankLines(parsed.source, first.end) > first.end;
}

function fillEmptyList(parsed: ParsedSource, list: ListNode, step: NewStep): Patch {
  const { source } = parsed;
  const { keySpan } = list;
  const json = source.trimStart().startsWith('{');
  if (keySpan === undefined || json) {
    const text = `[${renderFlow({ [step.name]: step.task })}]`;
    return { start: list.span.start, end: list.span.end, newText: text };
  }
  const column = columnOf(parsed, keySpan.start) + indentWidth;
  const text = renderStep(step.name, step.task, column).replace(/\n$/, '');
  return { start: source.indexOf(':', keySpan.end) + 1, end: list.span.end, newText: `\n${text}` };
}

/** Empties a list or an object; in block style the brackets go behind its key. */
export function emptied(parsed: ParsedSource, node: ListNode | MapNode, brackets: string): Patch {
  const behindKey = !node.flow && node.keySpan !== undefined;
  const start = behindKey ? parsed.source.indexOf(':', node.keySpan.end) + 1 : node.span.start;
  return { start, end: node.span.end, newText: behindKey ? ` ${brackets}` : brackets };
}

function renderFlowStep(parsed: ParsedSource, list: ListNode, step: NewStep): string {
  const item = list.items[0];
  const value = { [step.name]: step.task };
  const broken = item !== undefined && onOwnLine(parsed, item.span.start);
  return renderFlow(value, broken ? columnOf(parsed, item.span.start) : undefined);
}

function insertFlow(parsed: ParsedSource, list: ListNode, index: number, text: string): Patch {
  const first = list.items[0];
  const start = first?.span.start ?? list.span.start;
  const separator = onOwnLine(parsed, start) ? `,\n${' '.repeat(columnOf(parsed, start))}` : ', ';
  const next = list.items[index];
  if (next !== undefined) {
    return { start: next.span.start, end: next.span.start, newText: text + separator };
  }
  const end = list.items.at(-1)?.span.end ?? list.span.end - 1;
  return { start: end, end, newText: separator + text };
}

function removeFlow(list: ListNode, index: number): Patch {
  const item = list.items[index];
  const next = list.items[index + 1];
  const start = item?.span.start ?? 0;
  if (next !== undefined) return { start, end: next.span.start, newText: '' };
  return {
    start: list.items[index - 1]?.span.end ?? start,
    end: item?.span.end ?? start,
    newText: '',
  };
}

function onOwnLine(parsed: ParsedSource, offset: number): boolean {
  return parsed.source.slice(parsed.reporter.lines.lineStart(offset), offset).trim() === '';
}
