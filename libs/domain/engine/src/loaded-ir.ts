import type {
  Ir,
  IrCatch,
  IrDuration,
  IrNode,
  IrRetry,
  NodeId,
  ScopeId,
  Template,
} from '@parley/ir';
import { irFormat, unavailableIn } from '@parley/ir';
import { err, ok, type Result } from '@parley/kernel';
import { compileExpression, type Evaluate } from './expressions.js';
import { defaultLimits, type EngineLimits } from './limits.js';
import { encodeNodePath } from './occurrence.js';
import { compileTemplate } from './templates.js';

/** An IR whose expressions are compiled. Immutable; one may serve all runs of a definition. */
export interface LoadedIr {
  readonly ir: Ir;
  readonly limits: EngineLimits;
  readonly nodes: ReadonlyMap<NodeId, LoadedNode>;
  readonly first?: NodeId;
  readonly from?: Evaluate;
  readonly as?: Evaluate;
  readonly timeout?: LoadedDuration;
}

export interface LoadedNode {
  readonly node: IrNode;
  /** What the occurrence of this node adds to that of its owner. */
  readonly tail: string;
  readonly if?: Evaluate;
  readonly from?: Evaluate;
  readonly as?: Evaluate;
  readonly exportAs?: Evaluate;
  readonly timeout?: LoadedDuration;
  /** First task of the body of a `do`, `for` or `try`. */
  readonly first?: NodeId;
  /** What the kind of the task evaluates: set's value, for's `in`, call's `with`. */
  readonly value?: Evaluate;
  readonly cases?: readonly (Evaluate | undefined)[];
  readonly while?: Evaluate;
  readonly wait?: LoadedDuration;
  readonly raise?: Readonly<Record<string, Evaluate>>;
  readonly catch?: LoadedCatch;
  readonly branches?: readonly NodeId[];
}

export interface LoadedCatch {
  readonly policy: IrCatch;
  readonly first?: NodeId;
  readonly when?: Evaluate;
  readonly exceptWhen?: Evaluate;
  readonly retry?: { readonly policy: IrRetry } & LoadedFilter;
}

interface LoadedFilter {
  readonly when?: Evaluate;
  readonly exceptWhen?: Evaluate;
}

export type LoadedDuration = { readonly ms: number } | { readonly evaluate: Evaluate };

export interface LoadOptions {
  /** What runs of this definition may use. @default defaultLimits */
  readonly limits?: EngineLimits;
}

/** Why an IR cannot be run. */
export interface LoadProblem {
  /** JSON Pointer of the task in the definition; empty for the document. */
  readonly pointer: string;
  readonly message: string;
}

const everywhere = ['context', 'task', 'workflow', 'runtime'];

/** Compiles every expression of an IR, once; the result is what `advance` works on. */
export function loadProgram(
  ir: Ir,
  { limits = defaultLimits }: LoadOptions = {},
): Result<LoadedIr, readonly LoadProblem[]> {
  if ((ir.format as string) !== irFormat) {
    const message = `IR format ${JSON.stringify(ir.format)} is not ${irFormat}`;
    return err([{ pointer: '', message }]);
  }
  const problems: LoadProblem[] = unavailableIn(ir).map(({ pointer, what }) => ({
    pointer,
    message: `"${what}" is not available in this version of Parley`,
  }));
  if (problems.length > 0) return err(problems);
  const nodes = new Map<NodeId, LoadedNode>();
  for (const node of Object.values(ir.nodes)) {
    nodes.set(node.id, new NodeLoader(ir, node, problems).load());
  }
  const document = new Compiler('', problems);
  const loaded: LoadedIr = {
    ir,
    limits,
    nodes,
    first: ir.scopes[ir.root]?.nodes[0],
    from: document.template(ir.input?.from, ['workflow', 'runtime']),
    as: document.template(ir.output?.as, ['context', 'workflow', 'runtime']),
    timeout: document.duration(ir.timeout, ['workflow', 'runtime']),
  };
  return problems.length === 0 ? ok(loaded) : err(problems);
}

/** Compiles the expressions of one place in the definition and collects what is wrong with them. */
class Compiler {
  private readonly pointer: string;
  private readonly problems: LoadProblem[];

  constructor(pointer: string, problems: LoadProblem[]) {
    this.pointer = pointer;
    this.problems = problems;
  }

  expression(source: string | undefined, names: readonly string[]): Evaluate | undefined {
    return source === undefined ? undefined : this.compile(source, new Set(names));
  }

  template(template: Template | undefined, names: readonly string[]): Evaluate | undefined {
    if (template === undefined) return undefined;
    const known = new Set(names);
    return compileTemplate(template, (source) => this.compile(source, known));
  }

  duration(value: IrDuration | undefined, names: readonly string[]): LoadedDuration | undefined {
    if (value === undefined || 'ms' in value) return value;
    return { evaluate: this.compile(value.source, new Set(names)) };
  }

  problem(message: string): void {
    this.problems.push({ pointer: this.pointer, message });
  }

  private compile(source: string, names: ReadonlySet<string>): Evaluate {
    const compiled = compileExpression(source, names);
    if (compiled.ok) return compiled.value;
    this.problem(`${compiled.error} in \${ ${source} }`);
    return () => null;
  }
}

class NodeLoader {
  private readonly ir: Ir;
  private readonly node: IrNode;
  private readonly compiler: Compiler;
  /** Variables of the loops and handlers around the node. */
  private readonly around: readonly string[];

  constructor(ir: Ir, node: IrNode, problems: LoadProblem[]) {
    this.ir = ir;
    this.node = node;
    this.compiler = new Compiler(node.pointer, problems);
    this.around = [...everywhere, ...variablesAround(ir, node.scope)];
  }

  load(): LoadedNode {
    const { node, compiler, around } = this;
    const inside = [...around, 'input'];
    return {
      node,
      tail: this.tail(),
      if: compiler.expression(node.if, inside),
      from: compiler.template(node.input?.from, around),
      as: compiler.template(node.output?.as, inside),
      exportAs: compiler.template(node.export?.as, [...inside, 'output']),
      timeout: compiler.duration(node.timeout, inside),
      ...this.particulars(inside),
    };
  }

  private particulars(names: readonly string[]): Partial<LoadedNode> {
    const { node, compiler } = this;
    switch (node.kind) {
      case 'do':
        return { first: this.entry(node.body) };
      case 'set':
        return { value: compiler.template(node.value, names) };
      case 'call':
        return { value: compiler.template(node.with, names) };
      case 'switch':
        return { cases: node.cases.map(({ when }) => compiler.expression(when, names)) };
      case 'wait':
        return { wait: compiler.duration(node.duration, names) };
      case 'for':
        return {
          first: this.entry(node.body),
          value: compiler.template(node.in, names),
          while: compiler.expression(node.while, [...names, node.each, node.at]),
        };
      case 'fork':
        return { branches: this.ir.scopes[node.branches]?.nodes ?? [] };
      case 'raise':
        return { raise: this.raised(node.error, names) };
      case 'try':
        return { first: this.entry(node.body), catch: this.handler(node.catch, names) };
      case 'emit':
      case 'listen':
      case 'run':
      case 'map':
        throw new Error(`${node.kind} is among what is not available`);
    }
  }

  private raised(error: Readonly<Record<string, Template | undefined>>, names: readonly string[]) {
    const members: Record<string, Evaluate> = {};
    for (const [member, template] of Object.entries(error)) {
      const evaluate = this.compiler.template(template, names);
      if (evaluate !== undefined) members[member] = evaluate;
    }
    return members;
  }

  private handler(policy: IrCatch, names: readonly string[]): LoadedCatch {
    const withError = [...names, policy.as];
    const filter = (source: { readonly when?: string; readonly exceptWhen?: string }) => ({
      when: this.compiler.expression(source.when, withError),
      exceptWhen: this.compiler.expression(source.exceptWhen, withError),
    });
    return {
      policy,
      ...(policy.body === undefined ? {} : { first: this.entry(policy.body) }),
      ...filter(policy),
      ...(policy.retry === undefined
        ? {}
        : { retry: { policy: policy.retry, ...filter(policy.retry) } }),
    };
  }

  private entry(scope: ScopeId): NodeId | undefined {
    const found = this.ir.scopes[scope];
    if (found === undefined) this.compiler.problem(`scope ${scope} does not exist`);
    return found?.nodes[0];
  }

  private tail(): string {
    const owner = this.ir.scopes[this.node.scope]?.owner ?? '';
    const inside = owner === '' || this.node.id.startsWith(`${owner}/`);
    if (!inside) this.compiler.problem(`id ${this.node.id} does not continue that of ${owner}`);
    return encodeNodePath(this.node.id.slice(owner.length));
  }
}

function variablesAround(ir: Ir, scope: ScopeId): string[] {
  const owner = ir.nodes[ir.scopes[scope]?.owner ?? ''];
  if (owner === undefined) return [];
  const outer = variablesAround(ir, owner.scope);
  if (owner.kind === 'for') return [...outer, owner.each, owner.at];
  return owner.kind === 'try' && owner.catch.body === scope ? [...outer, owner.catch.as] : outer;
}
