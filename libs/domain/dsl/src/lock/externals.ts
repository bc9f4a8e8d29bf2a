import { functionDepthMax } from '../lower/context.js';
import { calledFunction } from '../lower/functions.js';
import { jsonNode } from '../lower/json-node.js';
import { Use } from '../lower/use.js';
import { memberOf, textOf, type SourceNode, type Span } from '../source/tree.js';
import { resourceAddress } from './addresses.js';
import { LockIndex, type ExternalKind, type Lock } from './lock.js';

/** A place of a definition that needs a document from outside. */
export interface ExternalReference {
  readonly kind: ExternalKind;
  /** Where to fetch it; pages of files on GitHub and GitLab are turned into the files. */
  readonly uri: string;
  readonly pointer: string;
  readonly span: Span;
  /** For `openapi`: the operation that is called. */
  readonly operation?: string;
}

/**
 * The external documents that a definition refers to, in the order of the text. Addresses that are
 * computed are no references. Functions bring references of their own: those of the functions that
 * `lock` holds are listed too, at the call, so whoever fills a lock asks again until nothing is new.
 */
export function externalsOf(root: SourceNode, lock?: Lock): ExternalReference[] {
  return new ExternalWalk(root, lock).walk();
}

/** Where references are said to be: themselves, or the call that brings them in. */
type Place = Pick<SourceNode, 'pointer' | 'span'>;

class ExternalWalk {
  private readonly root: SourceNode;
  private readonly use: Use;
  private readonly lock: LockIndex;
  private readonly found: ExternalReference[] = [];
  private readonly listed = new Set<string>();
  private readonly functionsSeen = new Set<string>();
  private at: Place | undefined;
  private depth = 0;

  constructor(root: SourceNode, lock: Lock | undefined) {
    this.root = root;
    this.use = new Use(root);
    this.lock = new LockIndex(lock);
  }

  walk(): ExternalReference[] {
    const { root } = this;
    this.schemas(root);
    const functions = memberOf(memberOf(root, 'use'), 'functions');
    for (const { value } of functions?.kind === 'map' ? functions.entries : []) this.task(value);
    for (const item of this.use.extensions()) {
      const extension = item.kind === 'map' ? item.entries[0]?.value : undefined;
      this.tasks(memberOf(extension, 'before'));
      this.tasks(memberOf(extension, 'after'));
    }
    this.tasks(memberOf(root, 'do'));
    return this.found.toSorted((a, b) => a.span.start - b.span.start);
  }

  private tasks(list: SourceNode | undefined): void {
    for (const item of list?.kind === 'list' ? list.items : []) {
      for (const { value } of item.kind === 'map' ? item.entries : []) this.task(value);
    }
  }

  private task(task: SourceNode): void {
    this.schemas(task);
    this.tasks(memberOf(task, 'do'));
    this.tasks(memberOf(memberOf(task, 'fork'), 'branches'));
    this.tasks(memberOf(task, 'try'));
    this.tasks(memberOf(memberOf(task, 'catch'), 'do'));
    this.foreach(memberOf(task, 'foreach'));
    const source = memberOf(memberOf(memberOf(task, 'run'), 'script'), 'source');
    this.resource('script', source);
    const call = memberOf(task, 'call');
    if (call !== undefined) this.call(call, memberOf(task, 'with'));
  }

  private foreach(node: SourceNode | undefined): void {
    this.schemas(node);
    this.tasks(memberOf(node, 'do'));
  }

  private call(call: SourceNode, arguments_: SourceNode | undefined): void {
    const written = textOf(call) ?? '';
    const called = calledFunction(this.use, written);
    if (called?.kind === 'external' && called.uri !== undefined) this.function(call, called.uri);
    if (called?.kind !== 'builtin') return;
    switch (called.name) {
      case 'openapi': {
        const operation = textOf(memberOf(arguments_, 'operationId'));
        this.resource('openapi', memberOf(arguments_, 'document'), operation);
        break;
      }
      case 'asyncapi':
        this.resource('asyncapi', memberOf(arguments_, 'document'));
        this.foreach(memberOf(memberOf(arguments_, 'subscription'), 'foreach'));
        break;
      case 'grpc':
        this.resource('proto', memberOf(arguments_, 'proto'));
        break;
      case 'a2a':
        this.resource('agent-card', memberOf(arguments_, 'agentCard'));
        break;
      case 'map':
        this.tasks(memberOf(arguments_, 'do'));
    }
  }

  private function(call: SourceNode, uri: string): void {
    this.add('function', uri, call);
    const external = this.functionsSeen.has(uri) ? undefined : this.lock.get('function', uri);
    if (external === undefined || this.depth >= functionDepthMax) return;
    this.functionsSeen.add(uri);
    this.depth += 1;
    const outer = this.at;
    this.at ??= { pointer: call.pointer, span: call.span };
    this.task(jsonNode(external.content, call.pointer));
    this.at = outer;
    this.depth -= 1;
  }

  private schemas(node: SourceNode | undefined): void {
    for (const side of ['input', 'output', 'export']) {
      const schema = memberOf(memberOf(node, side), 'schema');
      this.resource('schema', memberOf(schema, 'resource'));
    }
  }

  private resource(kind: ExternalKind, node: SourceNode | undefined, operation?: string): void {
    const uri = resourceAddress(node);
    const endpoint = memberOf(node, 'endpoint');
    if (uri === undefined || endpoint === undefined) return;
    this.add(kind, uri, memberOf(endpoint, 'uri') ?? endpoint, operation);
  }

  private add(kind: ExternalKind, uri: string, node: SourceNode, operation?: string): void {
    const { pointer, span } = this.at ?? node;
    const key = JSON.stringify([kind, uri, pointer, operation]);
    if (this.listed.has(key)) return;
    this.listed.add(key);
    const named = operation === undefined ? {} : { operation };
    this.found.push({ kind, uri, pointer, span, ...named });
  }
}
