import {
  Composer,
  Parser,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Finding, Reporter } from '../diagnostics/reporter.js';
import { losesDigits } from './fast/plain-value.js';
import { sourceDepthMax } from './limits.js';
import { tooDeepAt } from './nesting.js';
import { reportLostDigits } from './lost-digits.js';
import { describeYamlProblem } from './yaml-problem.js';
import { pointerTo, type MapEntry, type ScalarStyle, type SourceNode, type Span } from './tree.js';

/** Reads any text with the `yaml` library: what the fast reader leaves to it, and every mistake. */
export function readCompletely(source: string, reporter: Reporter): SourceNode | undefined {
  const document = compose(source, reporter);
  return document && new TreeBuilder(source, reporter).build(document);
}

function compose(source: string, reporter: Reporter): Document.Parsed | undefined {
  const deep = tooDeepAt(source);
  if (deep !== undefined) {
    reporter.report('PL1003', at(deep, deep + 1), {
      message: `The definition is nested more than ${sourceDepthMax} levels deep`,
    });
    return undefined;
  }
  const [document, second] = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    stringKeys: false,
    keepSourceTokens: true,
    prettyErrors: false,
    logLevel: 'silent',
  }).compose(new Parser().parse(source), true, source.length);
  return checked(document, second, reporter);
}

function checked(
  document: Document.Parsed | undefined,
  second: unknown,
  reporter: Reporter,
): Document.Parsed | undefined {
  const problem = document?.errors[0] ?? document?.warnings[0];
  if (problem !== undefined) {
    if (problem.code === 'TAG_RESOLVE_FAILED') {
      const place = at(problem.pos[0], problem.pos[1]);
      reporter.report('PL1005', place, { message: 'Tags are not part of the language' });
    } else {
      const { span, ...finding } = describeYamlProblem(reporter.source, problem);
      reporter.report('PL1001', at(span.start, span.end), finding);
    }
    return undefined;
  }
  if (second !== undefined || !document?.contents) {
    const range = (second as Document.Parsed | undefined)?.range ?? [0, 0];
    reporter.report('PL1006', at(range[0], range[0]), {
      message: second === undefined ? 'The text is empty' : 'The text holds several documents',
    });
    return undefined;
  }
  return document;
}

function at(start: number, end: number): { span: Span; pointer: string } {
  return { span: { start, end }, pointer: '' };
}

/** Builds our tree from the composed document and refuses what has no plain JSON meaning. */
class TreeBuilder {
  private depth = 0;
  private readonly source: string;
  private readonly reporter: Reporter;

  constructor(source: string, reporter: Reporter) {
    this.source = source;
    this.reporter = reporter;
  }

  build(document: Document.Parsed): SourceNode | undefined {
    return this.node(document.contents, '', undefined);
  }

  private node(node: Node | null, pointer: string, key: Span | undefined): SourceNode | undefined {
    const span = spanOf(node, key);
    if (isAlias(node) || (node !== null && (hasAnchor(node) || hasTag(node)))) {
      this.reporter.report(
        'PL1005',
        { span, pointer },
        {
          message: 'Anchors, aliases and tags are not part of the language: write the value out',
        },
      );
      return undefined;
    }
    if (isScalar(node)) return this.scalar(node, pointer, key);
    if (!isCollection(node)) return nothing(span, pointer, key);
    if (this.depth >= sourceDepthMax) {
      this.reporter.report(
        'PL1003',
        { span: { start: span.start, end: span.start + 1 }, pointer },
        {
          message: `The definition is nested more than ${sourceDepthMax} levels deep`,
        },
      );
      return undefined;
    }
    this.depth += 1;
    const built = isMap(node) ? this.map(node, pointer, key) : this.list(node, pointer, key);
    this.depth -= 1;
    return built;
  }

  private scalar(node: Scalar, pointer: string, key: Span | undefined): SourceNode | undefined {
    const span = spanOf(node, key);
    const value = node.value;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.reporter.report('PL1007', { span, pointer }, { message: 'Numbers must be finite' });
      return undefined;
    }
    const text = node.source ?? '';
    if (typeof value === 'number' && losesDigits(text, value)) {
      reportLostDigits(this.reporter, { text, value }, { span, pointer });
    }
    const style = styles[node.type ?? 'PLAIN'] ?? 'plain';
    if (isUnclosed(style, this.source.slice(span.start, span.end))) {
      this.reporter.report('PL1001', { span, pointer }, { message: 'Missing closing quote' });
      return undefined;
    }
    const block = style === 'literal' || style === 'folded';
    const visible = block ? this.withoutTrailingBreaks(span) : span;
    return {
      kind: 'scalar',
      value: isJsonScalar(value) ? value : text,
      style,
      span: visible,
      extentEnd: span.end,
      pointer,
      ...(key === undefined ? {} : { keySpan: key }),
    };
  }

  private list(node: YAMLSeq, pointer: string, key: Span | undefined): SourceNode | undefined {
    const items: SourceNode[] = [];
    let complete = true;
    for (const [index, item] of node.items.entries()) {
      const built = this.node(item as Node | null, pointerTo(pointer, index), undefined);
      if (built === undefined) complete = false;
      else items.push(built);
    }
    if (!complete) return undefined;
    return {
      kind: 'list',
      items,
      dashes: dashesOf(node),
      flow: node.flow === true,
      ...this.extent(node, items.at(-1), pointer, key),
    };
  }

  private map(node: YAMLMap, pointer: string, key: Span | undefined): SourceNode | undefined {
    const entries: MapEntry[] = [];
    const seen = new Set<string>();
    let complete = true;
    for (const pair of node.items as Pair<Node | null, Node | null>[]) {
      const entry = this.entry(pair, pointer, seen);
      if (entry === undefined) complete = false;
      else entries.push(entry);
    }
    if (!complete) return undefined;
    const last = entries.at(-1)?.value;
    return {
      kind: 'map',
      entries,
      flow: node.flow === true,
      ...this.extent(node, last, pointer, key),
    };
  }

  private entry(
    pair: Pair<Node | null, Node | null>,
    pointer: string,
    seen: Set<string>,
  ): MapEntry | undefined {
    const keySpan = spanOf(pair.key, undefined);
    const key = keyOf(pair.key);
    const place = { span: keySpan, pointer: key === undefined ? pointer : pointerTo(pointer, key) };
    if (key === undefined) {
      this.reporter.report('PL1007', place, this.keyFinding(pair.key));
      return undefined;
    }
    if (key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') {
      this.reporter.report('PL1005', place, { message: 'Merge keys are not part of the language' });
      return undefined;
    }
    if (seen.has(key)) {
      this.reporter.report('PL1004', place, { message: `The key "${key}" occurs twice` });
      return undefined;
    }
    seen.add(key);
    const value = this.node(pair.value, place.pointer, keySpan);
    return value === undefined ? undefined : { key, keySpan, value };
  }

  /** `{{ .x }}` reads as an object that is the key of an object; it is how templates are written. */
  private keyFinding(key: Node | null): Finding {
    if (!isMap(key) || key.flow !== true) return { message: 'Keys must be texts' };
    const start = key.range?.[0] ?? 0;
    const braces = /^\{\{(?!\{)([^{}\n]*)\}\}/.exec(this.source.slice(Math.max(0, start - 1)));
    const inner = braces?.[1]?.trim() ?? '';
    if (braces === null || inner === '') return { message: 'Keys must be texts' };
    const newText = `'\${ ${inner.replaceAll("'", "''")} }'`;
    const span = { start: start - 1, end: start - 1 + braces[0].length };
    return {
      message: `"{{ … }}" is no expression: expressions are written \${ … }, in quotes here`,
      expected: newText,
      actual: braces[0],
      suggestions: [newText],
      fix: { title: `Write ${newText}`, span, newText },
    };
  }

  /** A block collection ends where its last child ends; a flow collection at its bracket. */
  private extent(
    node: YAMLMap | YAMLSeq,
    last: SourceNode | undefined,
    pointer: string,
    key: Span | undefined,
  ): { span: Span; extentEnd: number; pointer: string; keySpan?: Span } {
    const own = spanOf(node, key);
    const end = node.flow === true || last === undefined ? own.end : last.span.end;
    return {
      span: { start: own.start, end },
      extentEnd: node.flow === true || last === undefined ? own.end : last.extentEnd,
      pointer,
      ...(key === undefined ? {} : { keySpan: key }),
    };
  }

  private withoutTrailingBreaks(span: Span): Span {
    let end = span.end;
    while (end > span.start && /\s/.test(this.source.charAt(end - 1))) end -= 1;
    return { start: span.start, end };
  }
}

const styles: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
};

/** A key without a value, as in `step:`. */
function nothing(span: Span, pointer: string, keySpan: Span | undefined): SourceNode {
  const place = { span, extentEnd: span.end, pointer };
  return { kind: 'scalar', value: null, style: 'plain', ...place, ...(keySpan && { keySpan }) };
}

/** At the end of a text the library takes an escaped quote for the closing one. */
function isUnclosed(style: ScalarStyle, written: string): boolean {
  if (style === 'single') return /'$/.exec(written.slice(1).replaceAll("''", '')) === null;
  if (style !== 'double') return false;
  return written.length < 2 || (/\\*(?="$)/.exec(written)?.[0].length ?? 0) % 2 === 1;
}

function keyOf(node: Node | null): string | undefined {
  if (!isScalar(node) || hasTag(node) || hasAnchor(node)) return undefined;
  if (typeof node.value === 'string') return node.value;
  return node.source === undefined || node.source === '' ? undefined : node.source;
}

function spanOf(node: Node | null, fallback: Span | undefined): Span {
  const range = node?.range;
  if (!range) {
    const end = fallback?.end ?? 0;
    return { start: end, end };
  }
  return { start: range[0], end: range[1] };
}

function dashesOf(node: YAMLSeq): number[] {
  const token = node.srcToken;
  if (token?.type !== 'block-seq') return [];
  return token.items.flatMap(
    (item) => item.start.find((part) => part.type === 'seq-item-ind')?.offset ?? [],
  );
}

function hasAnchor(node: Node): boolean {
  return 'anchor' in node && node.anchor !== undefined;
}

function hasTag(node: Node): boolean {
  return 'tag' in node && node.tag !== undefined;
}

function isJsonScalar(value: unknown): value is null | boolean | number | string {
  return value === null || ['boolean', 'number', 'string'].includes(typeof value);
}
