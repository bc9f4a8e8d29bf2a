import { irFormat, unavailableIn } from '@parley/ir';
import type {
  Ir,
  IrCatch,
  IrListenNode,
  IrNode,
  IrRetry,
  NodeId,
  ScopeId,
  Template,
} from '@parley/ir';
import { err, isJsonObject, ok, type Result } from '@parley/kernel';
import type { Evaluate } from './expressions.js';
import { historyOf } from './history-mode.js';
import { defaultLimits } from './limits.js';
import type {
  LoadedCatch,
  LoadedIr,
  LoadedListen,
  LoadedNode,
  LoadedRetry,
  LoadOptions,
  LoadProblem,
} from './loaded-ir.js';
import { encodeNodePath } from './occurrence.js';
import { PlaceCompiler } from './place-compiler.js';

const ofWorkflow = ['workflow', 'runtime', 'secrets'];
const ofTask = [...ofWorkflow, 'context', 'task'];

/** Compiles every expression of an IR, once; the result is what `advance` works on. */
export function loadProgram(
  ir: Ir,
  options: LoadOptions = {},
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
    const compiler = new PlaceCompiler(node.pointer, problems, options);
    nodes.set(node.id, new NodeLoader(ir, node, compiler).load());
  }
  const document = new PlaceCompiler('', problems, options);
  const loaded: LoadedIr = {
    ir,
    limits: options.limits ?? defaultLimits,
    isFast: (options.history ?? historyOf(ir)) === 'fast',
    nodes,
    first: ir.scopes[ir.root]?.nodes[0],
    from: document.template(ir.input?.from, ofWorkflow),
    as: document.template(ir.output?.as, [...ofWorkflow, 'context']),
    timeout: document.duration(ir.timeout, ofWorkflow),
    inputFits: document.schema(ir.input?.schema, '/input'),
    outputFits: document.schema(ir.output?.schema, '/output'),
  };
  return problems.length === 0 ? ok(loaded) : err(problems);
}

class NodeLoader {
  private readonly ir: Ir;
  private readonly node: IrNode;
  private readonly compiler: PlaceCompiler;
  /** Variables of the loops and handlers around the node. */
  private readonly around: readonly string[];

  constructor(ir: Ir, node: IrNode, compiler: PlaceCompiler) {
    this.ir = ir;
    this.node = node;
    this.compiler = compiler;
    this.around = [...ofTask, ...variablesAround(ir, node.scope)];
  }

  load(): LoadedNode {
    const { node, compiler, around } = this;
    const inside = [...around, 'input', 'authorization'];
    return {
      node,
      tail: this.tail(),
      if: compiler.expression(node.if, [...around, 'input']),
      from: compiler.template(node.input?.from, around),
      as: compiler.template(node.output?.as, inside),
      exportAs: compiler.template(node.export?.as, [...inside, 'output']),
      timeout: compiler.duration(node.timeout, inside),
      inputFits: compiler.schema(node.input?.schema, '/input'),
      outputFits: compiler.schema(node.output?.schema, '/output'),
      exportFits: compiler.schema(node.export?.schema, '/export'),
      ...this.particulars(inside),
    };
  }

  private particulars(names: readonly string[]): Partial<LoadedNode> {
    const { node, compiler } = this;
    switch (node.kind) {
      case 'do':
        return { first: this.entry(node.body), value: compiler.template(node.with, names) };
      case 'set':
        return { value: compiler.template(node.value, names) };
      case 'emit':
        return { value: compiler.template(node.event, names) };
      case 'call':
        if (node.function === 'openapi' && node.request === undefined) {
          compiler.problem('the OpenAPI document of this call is not pinned');
        }
        return {
          value: compiler.template(node.with, names),
          credentials: compiler.template(node.authentication?.properties, names),
        };
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
      case 'map':
        return {
          first: this.entry(node.body),
          value: compiler.template(node.in, names),
        };
      case 'run':
        if (node.process === 'script' && !hasMember(node.with, 'code')) {
          compiler.problem('the source of this script is not pinned');
        }
        return { value: compiler.template(node.with, names) };
      case 'listen':
        return this.listening(node, names);
    }
  }

  private listening(node: IrListenNode, names: readonly string[]): Partial<LoadedNode> {
    const { to, foreach } = node;
    const inside = foreach === undefined ? [] : [...names, foreach.item, foreach.at];
    const listen: LoadedListen = {
      ...this.compiler.consumption(to, names),
      as: this.compiler.template(foreach?.output?.as, inside),
      exportAs: this.compiler.template(foreach?.export?.as, [...inside, 'output']),
    };
    const first = foreach?.body === undefined ? undefined : this.entry(foreach.body);
    return { listen, ...(first === undefined ? {} : { first }) };
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
      ...(policy.retry === undefined ? {} : { retry: this.retry(policy.retry, withError, filter) }),
    };
  }

  private retry(
    policy: IrRetry,
    names: readonly string[],
    filter: (source: IrRetry) => Pick<LoadedRetry, 'when' | 'exceptWhen'>,
  ): LoadedRetry {
    const computed: Record<string, Evaluate> = {};
    for (const [name, source] of Object.entries(policy.computed ?? {})) {
      const evaluate = this.compiler.expression(source, names);
      if (evaluate !== undefined) computed[name] = evaluate;
    }
    return { policy, computed, ...filter(policy) };
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

function hasMember(template: Template, name: string): boolean {
  if (template.kind === 'literal') return isJsonObject(template.value) && name in template.value;
  return template.kind === 'object' && template.entries.some(([key]) => key === name);
}

function variablesAround(ir: Ir, scope: ScopeId): string[] {
  const owner = ir.nodes[ir.scopes[scope]?.owner ?? ''];
  if (owner === undefined) return [];
  const outer = variablesAround(ir, owner.scope);
  if (owner.kind === 'for' || owner.kind === 'map') return [...outer, owner.each, owner.at];
  if (owner.kind === 'listen' && owner.foreach !== undefined) {
    return [...outer, owner.foreach.item, owner.foreach.at];
  }
  return owner.kind === 'try' && owner.catch.body === scope ? [...outer, owner.catch.as] : outer;
}
