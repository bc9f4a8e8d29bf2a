import type { LineIndex } from '../source/positions.js';
import type { SourceNode } from '../source/tree.js';
import { elementsOf, isCollection, isEmpty, type Collection, type Element } from './elements.js';
import {
  firstBehind,
  firstFrom,
  isInside,
  leavesOf,
  nextAfter,
  pathTo,
  type Step,
} from './places.js';

/** A line of its own that is a comment. */
export interface CommentLine {
  readonly text: string;
  readonly blankBefore: boolean;
}

/** What stands around an element besides itself. */
export interface Surroundings {
  /** Comment lines above it. */
  readonly lead: CommentLine[];
  /** Comments behind it on its line, and lines below that go on with them. */
  readonly trail: string[];
  blankBefore: boolean;
}

/** All comments of a text, by what they belong to. */
export interface Comments {
  /** Of a member or item, by its value. */
  around(value: SourceNode): Surroundings;
  /** Comment lines at the end of a collection. */
  foot(node: Collection): readonly CommentLine[];
  /** Comment lines above everything: they stay on top, whichever member comes first. */
  readonly head: readonly CommentLine[];
  /** A blank line sets them off. */
  readonly headIsSetOff: boolean;
  /** There are comments between the brackets. */
  within(node: Collection): boolean;
}

interface Comment {
  readonly at: number;
  readonly text: string;
  readonly column: number;
  readonly ownLine: boolean;
  readonly blankBefore: boolean;
}

/** Finds every comment and what it belongs to: what it stands above, behind, or at the end of. */
export function commentsOf(source: string, root: Collection, lines: LineIndex): Comments {
  const finder = new CommentFinder(source, root, lines);
  finder.run();
  return finder;
}

const nothing: Surroundings = { lead: [], trail: [], blankBefore: false };

class CommentFinder implements Comments {
  readonly head: CommentLine[] = [];
  headIsSetOff = false;
  private readonly surroundings = new Map<SourceNode, Surroundings>();
  private readonly feet = new Map<Collection, CommentLine[]>();
  private readonly places: number[] = [];
  private readonly source: string;
  private readonly root: Collection;
  private readonly lines: LineIndex;
  /** The next `#`, wherever it stands. */
  private hash = -1;
  private previous: { readonly comment: Comment; readonly owner: Element } | undefined;

  constructor(source: string, root: Collection, lines: LineIndex) {
    this.source = source;
    this.root = root;
    this.lines = lines;
  }

  around(value: SourceNode): Surroundings {
    return this.surroundings.get(value) ?? nothing;
  }

  foot(node: Collection): readonly CommentLine[] {
    return this.feet.get(node) ?? [];
  }

  within({ span }: Collection): boolean {
    const next = this.places[firstFrom(this.places, span.start, (at) => at)];
    return next !== undefined && next < span.end;
  }

  run(): void {
    let end = 0;
    for (const leaf of leavesOf(this.root)) {
      this.gap(end, leaf.start);
      const { owner } = leaf;
      if (owner !== undefined && this.isBlankAbove(leaf.start, end)) {
        this.of(owner.value).blankBefore = true;
      }
      end = Math.max(end, leaf.end);
    }
    this.gap(end, this.source.length);
    this.takeHead();
  }

  /** Comments between two leaves: outside of texts every `#` begins one. */
  private gap(start: number, end: number): void {
    if (this.hash < start) this.hash = this.nextHash(start);
    while (this.hash < end) {
      const at = this.hash;
      const stop = this.endOfLine(at);
      const lineStart = this.lines.lineStart(at);
      const ownLine = this.source.slice(lineStart, at).trim() === '';
      const text = this.source.slice(at, stop).trimEnd();
      const blankBefore = ownLine && this.isBlankAbove(at, start);
      this.places.push(at);
      this.attach({ at, text, column: at - lineStart, ownLine, blankBefore });
      this.hash = this.nextHash(stop);
    }
  }

  private nextHash(from: number): number {
    const at = this.source.indexOf('#', from);
    return at === -1 ? Number.POSITIVE_INFINITY : at;
  }

  private attach(comment: Comment): void {
    const path = pathTo(this.root, comment.at);
    const last = path.at(-1);
    const owner = last?.element;
    const inner = last?.collection ?? this.root;
    if (this.goesOn(comment)) return;
    if (!comment.ownLine && owner !== undefined && !isInside(owner.value, comment.at)) {
      this.behind(owner, comment);
      return;
    }
    const { text, blankBefore } = comment;
    const line = { text, blankBefore };
    // Between a key and its value, or between empty brackets.
    if (owner !== undefined && this.belongsAbove(owner, comment))
      this.of(owner.value).lead.push(line);
    else if (inner.flow) this.inFlow(inner, comment, line);
    else this.between(path, comment, line);
  }

  /** A comment that goes on below one behind an element. */
  private goesOn(comment: Comment): boolean {
    const { previous } = this;
    const line = this.lines.position(comment.at).line;
    const below =
      previous !== undefined &&
      comment.ownLine &&
      comment.column === previous.comment.column &&
      line === this.lines.position(previous.comment.at).line + 1;
    if (!below) {
      this.previous = undefined;
      return false;
    }
    this.of(previous.owner.value).trail.push(comment.text);
    this.previous = { comment, owner: previous.owner };
    return true;
  }

  private behind(owner: Element, comment: Comment): void {
    const { trail, lead } = this.of(owner.value);
    if (this.hasCommentInHeader(owner.value)) {
      lead.push({ text: comment.text, blankBefore: false });
      return;
    }
    lead.push(...trail.map((text) => ({ text, blankBefore: false })));
    trail.splice(0, trail.length, comment.text);
    const { value } = owner;
    if (value.span.end <= comment.at) this.previous = { comment, owner };
  }

  /** A literal or folded text has its own comment where that of its key would go. */
  private hasCommentInHeader(value: SourceNode): boolean {
    if (value.kind !== 'scalar' || (value.style !== 'literal' && value.style !== 'folded')) {
      return false;
    }
    return this.source.slice(value.span.start, this.endOfLine(value.span.start)).includes('#');
  }

  private belongsAbove({ value }: Element, { at }: Comment): boolean {
    if (isCollection(value) && isEmpty(value)) return at < value.span.end;
    return at < value.span.start && (value.kind === 'scalar' || value.flow);
  }

  private inFlow(node: Collection, { at }: Comment, line: CommentLine): void {
    const next = firstBehind(elementsOf(node), at);
    if (next === undefined) this.footOf(node).push(line);
    else this.of(next.value).lead.push(line);
  }

  /** A comment line between blocks: above the next one, or indented deeper, at the end of the last. */
  private between(path: readonly Step[], { at, column }: Comment, line: CommentLine): void {
    const next = nextAfter(path, at);
    const ceiling = next === undefined ? -1 : this.columnOf(next.start);
    const ended = path.findLast((step) => {
      const own = this.columnOf(step.collection.span.start);
      return own <= column && own > ceiling;
    });
    if (ended !== undefined && (next === undefined || column > ceiling)) {
      this.footOf(ended.collection).push(line);
    } else if (next === undefined) this.footOf(this.root).push(line);
    else this.of(next.value).lead.push(line);
  }

  private takeHead(): void {
    const first = elementsOf(this.root)[0];
    const around = first && this.surroundings.get(first.value);
    if (around === undefined) return;
    this.head.push(...around.lead.splice(0));
    this.headIsSetOff = around.blankBefore;
    around.blankBefore = false;
  }

  private of(value: SourceNode): Surroundings {
    const known = this.surroundings.get(value);
    if (known !== undefined) return known;
    const made: Surroundings = { lead: [], trail: [], blankBefore: false };
    this.surroundings.set(value, made);
    return made;
  }

  private footOf(node: Collection): CommentLine[] {
    const known = this.feet.get(node);
    if (known !== undefined) return known;
    const made: CommentLine[] = [];
    this.feet.set(node, made);
    return made;
  }

  /** The line above is blank, and does not belong to the text that ends at `from`. */
  private isBlankAbove(at: number, from: number): boolean {
    const lineStart = this.lines.lineStart(at);
    if (lineStart === 0 || this.source.slice(lineStart, at).trim() !== '') return false;
    const above = this.lines.lineStart(lineStart - 1);
    return above >= from && this.source.slice(above, lineStart).trim() === '';
  }

  private columnOf(offset: number): number {
    return offset - this.lines.lineStart(offset);
  }

  private endOfLine(at: number): number {
    const end = this.source.indexOf('\n', at);
    return end === -1 ? this.source.length : end;
  }
}
