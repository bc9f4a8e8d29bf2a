import type { Settled } from '../language/index.js';
import { indentWidth } from '../render/render.js';
import type { ScalarNode, SourceNode } from '../source/tree.js';
import type { CommentLine, Comments } from './comments.js';
import {
  elementsOf,
  inOrder,
  isCollection,
  isEmpty,
  shapeOfElement,
  type Collection,
  type Element,
} from './elements.js';
import { keyText, scalarLines } from './scalars.js';

/** A collection in brackets that fits into a line of this width stays in one. */
const widthMax = 100;

/** What there is to print. */
export interface Printed {
  readonly source: string;
  readonly comments: Comments;
  readonly functions: ReadonlySet<string>;
}

/** Prints a definition as block YAML: the lines of the text. */
export function printYaml(printed: Printed, root: Collection, shape: Settled): string[] {
  const printer = new Printer(printed);
  if (isEmpty(root)) return [...printer.commentsOf(root), root.kind === 'list' ? '[]' : '{}'];
  return printer.document(root, shape);
}

/** Lines of which the last one keeps blank lines behind it. */
interface Block {
  readonly lines: string[];
  keepsBlankLines: boolean;
}

class Printer {
  private readonly printed: Printed;

  constructor(printed: Printed) {
    this.printed = printed;
  }

  document(root: Collection, shape: Settled): string[] {
    const { head, headIsSetOff } = this.printed.comments;
    const block: Block = { lines: [], keepsBlankLines: false };
    pushComments(block, head, 0);
    const body = this.collection(root, 0, shape);
    const moved = inOrder(elementsOf(root), shape)[0] !== elementsOf(root)[0];
    if (head.length > 0 && (headIsSetOff || moved)) block.lines.push('');
    block.lines.push(...body.lines);
    return block.lines;
  }

  commentsOf(node: Collection): string[] {
    const { comments } = this.printed;
    return [...comments.head, ...comments.foot(node)].map((line) => line.text);
  }

  private collection(node: Collection, column: number, shape: Settled | undefined): Block {
    const { comments, functions } = this.printed;
    const elements = elementsOf(node);
    const block: Block = { lines: [], keepsBlankLines: false };
    for (const element of inOrder(elements, shape)) {
      const inner = shapeOfElement(shape, element, functions);
      const own = this.element(element, column, inner);
      const lead = this.leadOf(element, column, inner);
      pushComments(block, lead, column);
      const isFirst = element === elements[0];
      if (!isFirst && comments.around(element.value).blankBefore) pushBlank(block);
      for (const line of own.lines) block.lines.push(line);
      block.keepsBlankLines = own.keepsBlankLines;
    }
    pushComments(block, comments.foot(node), column);
    return block;
  }

  /** The comments above an element, with those for which there is no room in it. */
  private leadOf(
    element: Element,
    column: number,
    shape: Settled | undefined,
  ): readonly CommentLine[] {
    const { comments } = this.printed;
    const { value, key } = element;
    const { lead, trail } = comments.around(value);
    const compact = key === undefined && isCollection(value) && !this.isInline(value, column + 1);
    if (!compact) return lead;
    const [first] = inOrder(elementsOf(value), shape);
    const inner = shape && first && shapeOfElement(shape, first, this.printed.functions);
    return [
      ...lead,
      ...trail.map((text) => ({ text, blankBefore: false })),
      ...(first === undefined ? [] : this.leadOf(first, column + indentWidth, inner)),
    ];
  }

  private element(element: Element, column: number, shape: Settled | undefined): Block {
    const { key, value } = element;
    const { source } = this.printed;
    const head = key === undefined ? '-' : `${keyText(source, key.name, key.span)}:`;
    const start = ' '.repeat(column) + head;
    if (isCollection(value) && !this.isInline(value, start.length)) {
      return key === undefined
        ? this.compact(value, column, shape)
        : this.below(start, element, { column: column + indentWidth, shape });
    }
    const { lines, ...rest } = this.inline(value, column + indentWidth, shape);
    const [first = '', ...more] = lines;
    const { trail } = this.printed.comments.around(value);
    const text = first === '' ? start : `${start} ${first}`;
    return { lines: withTrail([text, ...more], trail, rest.block), ...rest };
  }

  /** A collection below its key. */
  private below(
    start: string,
    { value }: Element,
    { column, shape }: { readonly column: number; readonly shape: Settled | undefined },
  ): Block {
    const { lines, keepsBlankLines } = this.collection(value as Collection, column, shape);
    const { trail } = this.printed.comments.around(value);
    return { lines: [...withTrail([start], trail, true), ...lines], keepsBlankLines };
  }

  /** A collection behind its dash; what stands above its first element stands above the dash. */
  private compact(node: Collection, column: number, shape: Settled | undefined): Block {
    const inner = column + indentWidth;
    const { lines, keepsBlankLines } = this.collection(node, inner, shape);
    const at = lines.findIndex((line) => !isComment(line));
    const [first = '', ...rest] = lines.slice(at);
    return {
      lines: [`${' '.repeat(column)}- ${first.slice(inner)}`, ...rest],
      keepsBlankLines,
    };
  }

  private inline(
    value: SourceNode,
    column: number,
    shape: Settled | undefined,
  ): { lines: readonly string[]; block: boolean; keepsBlankLines: boolean } {
    if (value.kind === 'scalar') return scalarLines(this.printed.source, value, column);
    return { lines: [this.flow(value, shape)], block: false, keepsBlankLines: false };
  }

  /** Whether a collection goes on one line: it was on brackets before, and there is room. */
  private isInline(node: Collection, used: number): boolean {
    if (isEmpty(node)) return true;
    if (!node.flow || this.printed.comments.within(node)) return false;
    if (!this.isOneLine(node)) return false;
    return used + 1 + this.flow(node, undefined).length <= widthMax;
  }

  private isOneLine(node: SourceNode): boolean {
    if (node.kind !== 'scalar') return elementsOf(node).every(({ value }) => this.isOneLine(value));
    return !this.written(node).includes('\n');
  }

  private flow(node: SourceNode, shape: Settled | undefined): string {
    if (node.kind === 'scalar') return this.written(node) || 'null';
    const items = inOrder(elementsOf(node), shape).map((element) => {
      const { key, value } = element;
      const text = this.flow(value, shapeOfElement(shape, element, this.printed.functions));
      return key === undefined
        ? text
        : `${keyText(this.printed.source, key.name, key.span)}: ${text}`;
    });
    if (node.kind === 'list') return `[${items.join(', ')}]`;
    return items.length === 0 ? '{}' : `{ ${items.join(', ')} }`;
  }

  private written({ span }: ScalarNode): string {
    return this.printed.source.slice(span.start, span.end);
  }
}

function pushComments(block: Block, comments: readonly CommentLine[], column: number): void {
  for (const { text, blankBefore } of comments) {
    if (blankBefore) pushBlank(block);
    block.lines.push(' '.repeat(column) + text);
    block.keepsBlankLines = false;
  }
}

/** Blank lines set off what follows; never at the beginning, never two. */
function pushBlank({ lines, keepsBlankLines }: Block): void {
  if (lines.length > 0 && !keepsBlankLines) lines.push('');
}

/** Puts a comment behind an element and its further lines below it. */
function withTrail(lines: readonly string[], trail: readonly string[], first: boolean): string[] {
  const [comment, ...more] = trail;
  if (comment === undefined) return [...lines];
  const at = first ? 0 : lines.length - 1;
  const line = lines[at] ?? '';
  const column = line.length + 1;
  return [
    ...lines.slice(0, at),
    `${line} ${comment}`,
    ...more.map((text) => ' '.repeat(column) + text),
    ...lines.slice(at + 1),
  ];
}

function isComment(line: string): boolean {
  return line === '' || line.trimStart().startsWith('#');
}
