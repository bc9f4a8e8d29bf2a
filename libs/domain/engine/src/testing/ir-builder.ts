import {
  irFormat,
  sealIr,
  type Delivery,
  type Ir,
  type IrCatch,
  type IrConsumption,
  type IrNode,
  type IrNodeBase,
  type IrOpenApiRequest,
  type IrRunNode,
  type IrRetry,
  type IrScope,
  type NodeId,
  type ScopeId,
  type Target,
  type Template,
} from '@parley/ir';
import { isJsonObject, type Json, type JsonObject } from '@parley/kernel';

/** Tasks of a scope by name, in order. */
export type Tasks = Readonly<Record<string, TaskSpec>>;

/** A task in few words; texts that are one `${ … }` are expressions. */
export interface TaskSpec {
  readonly do?: Tasks;
  readonly set?: Json;
  readonly switch?: Readonly<Record<string, { readonly when?: string; readonly then: string }>>;
  readonly emit?: Json;
  readonly for?: { readonly each?: string; readonly at?: string; readonly in: string | Json[] };
  readonly while?: string;
  readonly map?: { readonly each?: string; readonly at?: string; readonly in: string | Json[] };
  readonly concurrency?: number;
  readonly onError?: 'fail' | 'collect';
  readonly fork?: Tasks;
  readonly compete?: boolean;
  /** Milliseconds, or an expression. */
  readonly wait?: number | string;
  readonly try?: Tasks;
  readonly catch?: CatchSpec;
  readonly raise?: Readonly<Record<string, Json>>;
  readonly call?: 'http' | 'openapi' | 'connector' | 'human' | 'worker';
  readonly listen?: ListenSpec;
  /** Tasks for each event, which is `$event`; its number is `$i`. */
  readonly foreach?: Tasks;
  /** Arguments of `run: workflow`. */
  readonly run?: Json;
  readonly script?: Json;
  readonly await?: boolean;
  readonly return?: IrRunNode['return'];
  readonly request?: IrOpenApiRequest;
  readonly basic?: Json;
  /** Arguments of a call, or of the function that a `do` is. */
  readonly with?: Json;
  readonly delivery?: Delivery;
  readonly if?: string;
  readonly from?: Json;
  readonly as?: Json;
  readonly export?: Json;
  readonly timeout?: number;
  readonly then?: string;
  readonly aside?: true;
  /** The task of the same scope that undoes this one. */
  readonly compensate?: string;
}

export interface ListenSpec {
  readonly mode: 'one' | 'any' | 'all';
  readonly filters: readonly FilterSpec[];
  readonly until?: string | ListenSpec;
}

export interface FilterSpec {
  readonly with: Readonly<Record<string, Json>>;
  readonly correlate?: Readonly<Record<string, { readonly from: string; readonly expect?: Json }>>;
}

export interface CatchSpec {
  readonly with?: IrCatch['with'];
  readonly as?: string;
  readonly when?: string;
  readonly exceptWhen?: string;
  readonly retry?: Partial<IrRetry>;
  readonly do?: Tasks;
  readonly then?: string;
}

export interface WorkflowSpec {
  /** The definition as data, for expressions that ask for it. */
  readonly definition?: JsonObject;
  readonly from?: Json;
  readonly as?: Json;
  readonly timeout?: number;
}

/** Builds an IR by hand, for tests that must not depend on the compiler. */
export function buildIr(tasks: Tasks, workflow: WorkflowSpec = {}): Ir {
  const builder = new IrBuilder();
  builder.scope('do', tasks, {});
  const { from, as, timeout, definition } = workflow;
  return sealIr({
    format: irFormat,
    document: { dsl: '1.0.3', namespace: 'test', name: 'test', version: '1.0.0' },
    nodes: Object.fromEntries(builder.nodes),
    scopes: Object.fromEntries(builder.scopes),
    root: 'do',
    ...(from === undefined ? {} : { input: { from: templateOf(from) } }),
    ...(as === undefined ? {} : { output: { as: templateOf(as) } }),
    ...(timeout === undefined ? {} : { timeout: { ms: timeout } }),
    ...(definition === undefined ? {} : { definition }),
  });
}

class IrBuilder {
  readonly nodes = new Map<NodeId, IrNode>();
  readonly scopes = new Map<ScopeId, IrScope>();

  scope(id: ScopeId, tasks: Tasks, place: { owner?: NodeId; branches?: boolean }): ScopeId {
    const undoing = new Set(Object.values(tasks).map(({ compensate }) => compensate));
    const all = Object.keys(tasks);
    const names = all.filter((name) => !undoing.has(name));
    const ordered = [...names, ...all.filter((name) => undoing.has(name))];
    const ids = ordered.map((name) => `${id}/${name}`);
    const { owner } = place;
    this.scopes.set(id, { id, ...(owner === undefined ? {} : { owner }), nodes: ids });
    ordered.forEach((name, index) => {
      const following = place.branches === true ? undefined : names[index + 1];
      const spec = tasks[name] ?? {};
      const then = spec.then ?? following ?? 'exit';
      const pointer = `${owner === undefined ? '/do' : this.pointerOf(id)}/${index}/${name}`;
      const skipped = spec.if !== undefined && spec.then !== undefined;
      const base = {
        id: `${id}/${name}`,
        name,
        scope: id,
        pointer,
        next: target(id, then),
        ...(spec.compensate !== undefined && { compensation: `${id}/${spec.compensate}` }),
        ...(skipped && { nextIfSkipped: target(id, following ?? 'exit') }),
      };
      this.node({ ...base, ...common(spec) }, spec);
    });
    return id;
  }

  private pointerOf(scope: ScopeId): string {
    const owner = this.scopes.get(scope)?.owner ?? '';
    return (this.nodes.get(owner)?.pointer ?? '') + scope.slice(owner.length);
  }

  private node(base: IrNodeBase, spec: TaskSpec): void {
    // The slot is taken before the children are built, so that document order is kept.
    this.nodes.set(base.id, { ...base, kind: 'wait', duration: { ms: 0 } });
    this.nodes.set(base.id, this.particular(base, spec));
  }

  private particular(base: IrNodeBase, spec: TaskSpec): IrNode {
    const { id } = base;
    if (spec.for !== undefined) {
      const { each = 'item', at = 'index', in: list } = spec.for;
      const body = this.scope(`${id}/do`, spec.do ?? {}, { owner: id });
      const more = spec.while === undefined ? {} : { while: spec.while };
      return { ...base, kind: 'for', each, at, in: listTemplate(list), ...more, body };
    }
    if (spec.listen !== undefined) {
      const tasks = spec.foreach;
      const body = tasks && this.scope(`${id}/foreach/do`, tasks, { owner: id });
      const foreach = body && { foreach: { item: 'event', at: 'i', body } };
      return { ...base, kind: 'listen', to: consumptionOf(spec.listen), read: 'data', ...foreach };
    }
    if (spec.map !== undefined) return this.mapNode(base, spec, spec.map);
    if (spec.do !== undefined) {
      const args = spec.with === undefined ? {} : { with: templateOf(spec.with) };
      const body = this.scope(`${id}/do`, spec.do, { owner: id });
      return { ...base, kind: 'do', body, ...args };
    }
    if (spec.fork !== undefined) {
      const place = { owner: id, branches: true };
      const branches = this.scope(`${id}/fork/branches`, spec.fork, place);
      return { ...base, kind: 'fork', branches, compete: spec.compete === true };
    }
    if (spec.try !== undefined) return this.tryNode(base, spec.try, spec.catch ?? {});
    return simple(base, spec);
  }

  private mapNode(base: IrNodeBase, spec: TaskSpec, map: NonNullable<TaskSpec['map']>): IrNode {
    const { each = 'item', at = 'index', in: list } = map;
    const { concurrency, onError = 'fail' } = spec;
    const body = this.scope(`${base.id}/with/do`, spec.do ?? {}, { owner: base.id });
    const limit = concurrency === undefined ? {} : { concurrency };
    return { ...base, kind: 'map', each, at, in: listTemplate(list), body, ...limit, onError };
  }

  private tryNode(base: IrNodeBase, tasks: Tasks, handler: CatchSpec): IrNode {
    const body = this.scope(`${base.id}/try`, tasks, { owner: base.id });
    const { do: catchTasks, retry, as = 'error', then, ...filters } = handler;
    const scope = catchTasks && this.scope(`${base.id}/catch/do`, catchTasks, { owner: base.id });
    return {
      ...base,
      kind: 'try',
      body,
      catch: {
        as,
        ...filters,
        ...(retry && { retry: { delayMs: 0, backoff: 'constant', ...retry } }),
        ...(scope && { body: scope }),
        ...(then && { then: target(base.scope, then) }),
      },
    };
  }
}

function consumptionOf({ mode, filters, until }: ListenSpec): IrConsumption {
  const end =
    until === undefined
      ? {}
      : { until: typeof until === 'string' ? { source: until } : consumptionOf(until) };
  return {
    mode,
    filters: filters.map(({ with: attributes, correlate }) => ({
      with: Object.entries(attributes).map(([name, value]) => [name, templateOf(value)] as const),
      ...(correlate && {
        correlate: Object.entries(correlate).map(
          ([key, { from, expect }]) =>
            [key, { from, ...(expect !== undefined && { expect: templateOf(expect) }) }] as const,
        ),
      }),
    })),
    ...end,
  };
}

function listTemplate(list: string | Json[]): Template {
  return typeof list === 'string' ? { kind: 'expression', source: list } : templateOf(list);
}

function simple(base: IrNodeBase, spec: TaskSpec): IrNode {
  if (spec.switch !== undefined) {
    const cases = Object.entries(spec.switch).map(([name, { when, then }]) => ({
      name,
      ...(when === undefined ? {} : { when }),
      then: target(base.scope, then),
    }));
    return { ...base, kind: 'switch', cases };
  }
  if (spec.wait !== undefined) {
    const duration = typeof spec.wait === 'number' ? { ms: spec.wait } : { source: spec.wait };
    return { ...base, kind: 'wait', duration };
  }
  if (spec.raise !== undefined) {
    const members = Object.entries(spec.raise).map(([name, value]) => [name, templateOf(value)]);
    return {
      ...base,
      kind: 'raise',
      error: Object.fromEntries(members) as Extract<IrNode, { kind: 'raise' }>['error'],
    };
  }
  if (spec.call !== undefined) {
    const { call, with: args = {}, delivery = 'keyed', request, basic } = spec;
    const proof =
      basic === undefined
        ? {}
        : { authentication: { scheme: 'basic' as const, properties: templateOf(basic) } };
    const pinned = request === undefined ? {} : { request };
    const made = { function: call, with: templateOf(args), delivery, ...pinned, ...proof };
    return { ...base, kind: 'call', ...made };
  }
  const made = spec.run ?? spec.script;
  if (made !== undefined) {
    const { await: waits = true, return: wanted = 'stdout' } = spec;
    const process = spec.run === undefined ? 'script' : 'workflow';
    return { ...base, kind: 'run', process, with: templateOf(made), await: waits, return: wanted };
  }
  if (spec.emit !== undefined) return { ...base, kind: 'emit', event: templateOf(spec.emit) };
  return { ...base, kind: 'set', value: templateOf(spec.set ?? {}) };
}

function common(spec: TaskSpec): Partial<IrNodeBase> {
  return {
    ...(spec.if === undefined ? {} : { if: spec.if }),
    ...(spec.from === undefined ? {} : { input: { from: templateOf(spec.from) } }),
    ...(spec.as === undefined ? {} : { output: { as: templateOf(spec.as) } }),
    ...(spec.export === undefined ? {} : { export: { as: templateOf(spec.export) } }),
    ...(spec.timeout === undefined ? {} : { timeout: { ms: spec.timeout } }),
    ...(spec.aside === undefined ? {} : { aside: spec.aside }),
  };
}

function target(scope: ScopeId, then: string): Target {
  if (then === 'exit' || then === 'end') return { to: then };
  return { to: 'node', node: `${scope}/${then}` };
}

/** A value whose texts of the form `${ … }` are expressions. */
export function templateOf(value: Json): Template {
  if (typeof value === 'string') {
    const source = /^\$\{([^]*)\}$/.exec(value)?.[1];
    return source === undefined
      ? { kind: 'literal', value }
      : { kind: 'expression', source: source.trim() };
  }
  if (Array.isArray(value)) return { kind: 'array', items: value.map(templateOf) };
  if (!isJsonObject(value)) return { kind: 'literal', value };
  const entries = Object.entries(value).map(([key, item]) => [key, templateOf(item)] as const);
  return { kind: 'object', entries };
}
