import type { Diagnostic } from '@parley/contracts';
import { dataFlowOf, type Ir, type IrNode, type NodeId } from '@parley/ir';
import type { ParsedSource } from '../source/parse.js';
import {
  unescapeToken,
  type ListNode,
  type MapEntry,
  type SourceNode,
  type Span,
} from '../source/tree.js';
import type { SuggestionCode } from './codes.js';

/** Advice on a definition that is right as it is. */
export interface Suggestion {
  readonly code: SuggestionCode;
  readonly message: string;
  /** JSON Pointer into the definition. */
  readonly pointer: string;
  readonly range: Diagnostic['range'];
  /** Does what is advised, and keeps what the workflow does. */
  readonly fix?: NonNullable<Diagnostic['fix']>;
}

/** One replacement that does what is advised. */
export interface Cure {
  readonly title: string;
  readonly span: Span;
  readonly newText: string;
}

/** A task as written. */
export interface WrittenTask {
  readonly entry: MapEntry;
  readonly list: ListNode;
  readonly index: number;
}

/** Beyond this many, nobody reads them. */
const suggestionsMax = 200;

/** A definition under advice: what it does, how it is written, and what was found so far. */
export class Advice {
  readonly flow: ReturnType<typeof dataFlowOf>;
  private readonly found: { readonly at: number; readonly suggestion: Suggestion }[] = [];
  private readonly seen = new Set<string>();

  constructor(
    readonly parsed: ParsedSource,
    readonly root: SourceNode,
    readonly ir: Ir,
  ) {
    this.flow = dataFlowOf(ir);
  }

  /** Adds advice; two tasks of the IR may be one of the text. */
  add(code: SuggestionCode, pointer: string, message: string, cure?: Cure): void {
    const node = nodeAt(this.root, pointer);
    const key = `${code} ${pointer}`;
    if (node === undefined || this.seen.has(key) || this.found.length >= suggestionsMax) return;
    this.seen.add(key);
    const { lines } = this.parsed.reporter;
    const span = node.keySpan ?? node.span;
    const fix = cure && { title: cure.title, range: lines.range(cure.span), newText: cure.newText };
    const suggestion = { code, message, pointer, range: lines.range(span), ...(fix && { fix }) };
    this.found.push({ at: span.start, suggestion });
  }

  /** In the order of the text. */
  suggestions(): Suggestion[] {
    return this.found.toSorted((a, b) => a.at - b.at).map(({ suggestion }) => suggestion);
  }

  node(id: NodeId): IrNode | undefined {
    return this.ir.nodes[id];
  }

  nodes(): readonly IrNode[] {
    return Object.values(this.ir.nodes);
  }

  /** The tasks around one, innermost first, with the list of theirs that it is in. */
  *around(node: IrNode): Generator<{ readonly owner: IrNode; readonly scope: string }> {
    let { scope } = node;
    for (;;) {
      const id = this.ir.scopes[scope]?.owner;
      const owner = id === undefined ? undefined : this.ir.nodes[id];
      if (owner === undefined) return;
      yield { owner, scope };
      scope = owner.scope;
    }
  }

  /** How a task is written; undefined for tasks that come from elsewhere. */
  written(node: IrNode): WrittenTask | undefined {
    const [name, index, ...outer] = node.pointer.split('/').toReversed();
    const list = nodeAt(this.root, outer.toReversed().join('/'));
    const item = list?.kind === 'list' ? list.items[Number(index)] : undefined;
    const entry = item?.kind === 'map' ? item.entries[0] : undefined;
    if (list?.kind !== 'list' || entry?.key !== unescapeToken(name ?? '')) return undefined;
    return { entry, list, index: Number(index) };
  }
}

/** The node that a JSON Pointer leads to. */
export function nodeAt(root: SourceNode, pointer: string): SourceNode | undefined {
  let node: SourceNode | undefined = root;
  for (const token of pointer.split('/').slice(1).map(unescapeToken)) {
    if (node?.kind === 'map') node = node.entries.find(({ key }) => key === token)?.value;
    else node = node?.kind === 'list' ? node.items[Number(token)] : undefined;
  }
  return node;
}
