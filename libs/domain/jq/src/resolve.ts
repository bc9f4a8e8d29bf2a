import { findBuiltin, type Builtin } from './builtins/table.js';
import {
  collect,
  conditional,
  constant,
  EMPTY,
  IDENTITY,
  iterate,
  pipe,
  product,
  type Binding,
  type Card,
  type Core,
  type CoreEntry,
  type Definition,
  type Matcher,
  type MatcherMember,
} from './core.js';
import { SyntaxFault, type Span } from './errors.js';
import { isFormat } from './builtins/formats.js';
import { negated } from './values/number.js';
import { nearest } from './nearest.js';
import { pathDefinitions } from './builtins/shipped.js';
import { collectNames, isSingle } from './pattern-names.js';
import { ROOT, withDefinition, withEntry, type Scope } from './scope.js';
import type { Ast, AstDefinition, AstEntry, Pattern } from './syntax/ast.js';
import { parseDefinition } from './syntax/parser.js';
import { unknownFunction } from './unknown.js';

/** Replaces names by what they mean. Throws a `SyntaxFault` for a name that means nothing. */
export function resolve(program: Ast, source: string, variables: readonly string[]): Core {
  return new Resolver(source, variables).node(program, ROOT);
}

/** Definitions that ship with the library, resolved on first use. */
const shipped = new Map<string, Definition>();

function shippedDefinition(key: string, source: string): Definition {
  const known = shipped.get(key);
  if (known !== undefined) return known;
  const { name, parameters, body } = parseDefinition(source);
  const definition: Definition = { name, arity: parameters.length, body: undefined };
  shipped.set(key, definition);
  new Resolver(source, [], true).define(definition, { name, parameters, body }, ROOT);
  return definition;
}

class Resolver {
  constructor(
    private readonly source: string,
    private readonly variables: readonly string[],
    private readonly isShipped = false,
  ) {}

  node(ast: Ast, scope: Scope): Core {
    const core = this.meaning(ast, scope);
    const isPlaced = this.isShipped || core.span !== undefined || core.kind === 'identity';
    return isPlaced ? core : { ...core, span: ast.span };
  }

  private meaning(ast: Ast, scope: Scope): Core {
    switch (ast.kind) {
      case 'identity':
        return IDENTITY;
      case 'recurse':
        return this.call('recurse', [], ast.span, scope);
      case 'literal':
        return constant(ast.value);
      case 'string':
        return this.string(ast.format, ast.parts, ast.span, scope);
      case 'format':
        return this.string(ast.name, [{ kind: 'identity', span: ast.span }], ast.span, scope);
      case 'index':
      case 'slice':
      case 'iterate':
        return this.access(ast, scope);
      case 'pipe':
        return pipe(this.node(ast.left, scope), this.node(ast.right, scope));
      case 'comma':
      case 'and':
      case 'or':
      case 'alternative':
      case 'binary':
        return this.operator(ast, scope);
      case 'negate':
        return negation(this.node(ast.operand, scope));
      case 'array':
        return collect(ast.body === undefined ? EMPTY : this.node(ast.body, scope));
      case 'object':
        return this.object(ast.entries, scope);
      case 'if':
        return this.conditional(ast, scope);
      case 'try':
        return this.attempt(ast, scope);
      case 'update':
        return this.update(ast, scope);
      default:
        return this.binder(ast, scope);
    }
  }

  /** Everything that looks names up or brings new ones. */
  private binder(ast: Ast, scope: Scope): Core {
    switch (ast.kind) {
      case 'reduce':
      case 'foreach':
        return this.loop(ast, scope);
      case 'bind': {
        const source = this.node(ast.source, scope);
        const { binding, inner } = this.binding(ast.patterns, scope);
        const body = this.node(ast.body, inner);
        const card = binding.alternatives.every(isSingle) ? product(source, body) : 'many';
        return { kind: 'bind', source, binding, body, card };
      }
      case 'define': {
        const { name, parameters } = ast.definition;
        const definition: Definition = { name, arity: parameters.length, body: undefined };
        this.define(definition, ast.definition, scope);
        return this.node(ast.body, withDefinition(scope, definition));
      }
      case 'label': {
        const inner = withEntry(scope, { kind: 'label', name: ast.name, at: scope.depth });
        const body = this.node(ast.body, inner);
        return { kind: 'label', body, card: body.card === 'one' ? 'opt' : body.card };
      }
      case 'break':
        return this.break(ast.name, ast.span, scope);
      case 'variable':
        return this.variable(ast.name, ast.span, scope);
      case 'call':
        return this.call(ast.name, ast.args, ast.span, scope);
      default:
        throw new Error(`invariant broken: unexpected syntax node ${ast.kind}`);
    }
  }

  define(definition: Definition, { parameters, body }: AstDefinition, scope: Scope): void {
    let inner = withDefinition(scope, definition);
    for (const parameter of parameters) {
      const name = parameter.replace('$', '');
      inner = withEntry(inner, { kind: 'parameter', name, at: inner.depth });
    }
    let resolved: Ast = body;
    for (const parameter of [...parameters].reverse()) {
      if (!parameter.startsWith('$')) continue;
      const name = parameter.slice(1);
      const source: Ast = { kind: 'call', name, args: [], span: body.span };
      const patterns: Pattern[] = [{ kind: 'name', name }];
      resolved = { kind: 'bind', source, patterns, body: resolved, span: body.span };
    }
    definition.body = this.node(resolved, inner);
  }

  private access(ast: Extract<Ast, { kind: 'index' | 'slice' | 'iterate' }>, scope: Scope): Core {
    const target = this.node(ast.target, scope);
    const { optional } = ast;
    if (ast.kind === 'iterate') return iterate(target, optional);
    const limit = (card: Card): Card => (optional && card === 'one' ? 'opt' : card);
    if (ast.kind === 'index') {
      const key = this.node(ast.key, scope);
      return { kind: 'index', target, key, optional, card: limit(product(target, key)) };
    }
    const from = ast.from === undefined ? constant(null) : this.node(ast.from, scope);
    const to = ast.to === undefined ? constant(null) : this.node(ast.to, scope);
    return { kind: 'slice', target, from, to, optional, card: limit(product(target, from, to)) };
  }

  private operator(
    ast: Extract<Ast, { kind: 'comma' | 'and' | 'or' | 'alternative' | 'binary' }>,
    scope: Scope,
  ): Core {
    const left = this.node(ast.left, scope);
    const right = this.node(ast.right, scope);
    switch (ast.kind) {
      case 'comma':
        return { kind: 'comma', left, right, card: 'many' };
      case 'alternative':
        return {
          kind: 'alternative',
          left,
          right,
          card: left.card === 'many' ? 'many' : right.card,
        };
      case 'binary':
        return { kind: 'binary', op: ast.op, left, right, card: product(left, right) };
      default:
        return { kind: ast.kind, left, right, card: product(left, right) };
    }
  }

  private conditional(ast: Extract<Ast, { kind: 'if' }>, scope: Scope): Core {
    const test = this.node(ast.test, scope);
    const then = this.node(ast.then, scope);
    return conditional(
      test,
      then,
      ast.otherwise === undefined ? IDENTITY : this.node(ast.otherwise, scope),
    );
  }

  private attempt(ast: Extract<Ast, { kind: 'try' }>, scope: Scope): Core {
    const body = this.node(ast.body, scope);
    const handler = ast.handler === undefined ? EMPTY : this.node(ast.handler, scope);
    return { kind: 'try', body, handler, card: product(body, handler) };
  }

  private string(format: string, parts: readonly (string | Ast)[], span: Span, scope: Scope): Core {
    if (!isFormat(format)) {
      throw new SyntaxFault('unknown-function', `@${format} is not a known format`, span);
    }
    const resolved = parts.map((part) =>
      typeof part === 'string' ? part : this.node(part, scope),
    );
    const queries = resolved.filter((part) => typeof part !== 'string');
    return { kind: 'string', format, parts: resolved, card: product(...queries) };
  }

  private object(entries: readonly AstEntry[], scope: Scope): Core {
    const resolved: CoreEntry[] = entries.map(({ key, value }) => ({
      key: this.node(key, scope),
      value: this.node(value, scope),
    }));
    const card = product(...resolved.flatMap(({ key, value }) => [key, value]));
    return { kind: 'object', entries: resolved, card };
  }

  private update(ast: Extract<Ast, { kind: 'update' }>, scope: Scope): Core {
    const target = this.node(ast.left, scope);
    const value = this.node(ast.right, scope);
    if (ast.op === '|=') return { kind: 'modify', target, update: value, card: 'one' };
    const { card } = value;
    if (ast.op === '=') return { kind: 'assign', target, value, card };
    const op = ast.op.slice(0, -1) as '+' | '-' | '*' | '/' | '%' | '//';
    return { kind: 'update', op, target, value, card };
  }

  private loop(ast: Extract<Ast, { kind: 'reduce' | 'foreach' }>, scope: Scope): Core {
    const source = this.node(ast.source, scope);
    const init = this.node(ast.init, scope);
    const { binding, inner } = this.binding(ast.patterns, scope);
    const update = this.node(ast.update, inner);
    if (ast.kind === 'reduce') {
      return { kind: 'reduce', source, binding, init, update, card: init.card };
    }
    const extract = ast.extract === undefined ? IDENTITY : this.node(ast.extract, inner);
    return { kind: 'foreach', source, binding, init, update, extract, card: 'many' };
  }

  private break(name: string, span: Span, scope: Scope): Core {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
      if (at.entry?.kind === 'label' && at.entry.name === name) {
        return { kind: 'break', up: scope.depth - 1 - at.entry.at, card: 'opt' };
      }
    }
    throw new SyntaxFault('unknown-variable', `there is no label $${name} to break to`, span);
  }

  private variable(name: string, span: Span, scope: Scope): Core {
    if (name === '__loc__') return this.location(span);
    const names: string[] = [...this.variables];
    for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
      if (at.entry?.kind !== 'variable') continue;
      if (at.entry.name === name) {
        return { kind: 'variable', up: scope.depth - 1 - at.entry.at, card: 'one' };
      }
      names.push(at.entry.name);
    }
    const index = this.variables.indexOf(name);
    if (index >= 0) return { kind: 'global', index, name, card: 'one' };
    if (name === 'ENV') {
      throw new SyntaxFault('unsupported', '$ENV: the environment is not available', span);
    }
    const suggestions = nearest(name, names).map((found) => `$${found}`);
    throw new SyntaxFault('unknown-variable', `$${name} is not defined`, span, suggestions);
  }

  private location(span: Span): Core {
    const line = this.source.slice(0, span.offset).split('\n').length;
    const file: CoreEntry = { key: constant('file'), value: constant('<top-level>') };
    const entry: CoreEntry = { key: constant('line'), value: constant(line) };
    return { kind: 'object', entries: [file, entry], card: 'one' };
  }

  private call(name: string, args: readonly Ast[], span: Span, scope: Scope): Core {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
      const { entry } = at;
      if (entry?.kind === 'parameter' && entry.name === name && args.length === 0) {
        return { kind: 'parameter', up: scope.depth - 1 - entry.at, name, card: 'many' };
      }
      if (entry?.kind !== 'definition') continue;
      if (entry.definition.name === name && entry.definition.arity === args.length) {
        return this.userCall(entry.definition, scope.depth - entry.at, args, scope);
      }
    }
    const builtin = findBuiltin(name, args.length);
    if (builtin === undefined) throw unknownFunction({ name, arity: args.length, span }, scope);
    return this.builtin(builtin, { name, args, span }, scope);
  }

  private userCall(definition: Definition, up: number, args: readonly Ast[], scope: Scope): Core {
    const resolved = args.map((arg) => this.node(arg, scope));
    const card = definition.body?.card ?? 'many';
    return { kind: 'call', definition, up, args: resolved, card };
  }

  private builtin(
    builtin: Builtin,
    call: { readonly name: string; readonly args: readonly Ast[]; readonly span: Span },
    scope: Scope,
  ): Core {
    const { name } = call;
    const span = this.isShipped ? undefined : call.span;
    if (builtin.kind === 'refused') {
      throw new SyntaxFault('unsupported', `${name}: ${builtin.reason}`, call.span);
    }
    if (builtin.kind === 'shipped') {
      const definition = shippedDefinition(`${name}/${call.args.length}`, builtin.source);
      return this.userCall(definition, scope.depth, call.args, scope);
    }
    const args = call.args.map((arg) => this.node(arg, scope));
    const inPaths = this.pathForm(call, scope);
    switch (builtin.kind) {
      case 'macro':
        return builtin.expand(args, span);
      case 'native':
        return {
          kind: 'native',
          fn: builtin.fn,
          name,
          args,
          span,
          inPaths,
          card: product(...args),
        };
      case 'form': {
        const { form } = builtin;
        return { kind: 'form', form, args, span, inPaths, card: form.card(args) };
      }
    }
  }

  /** Builtins that are definitions in jq can be path expressions. */
  private pathForm(
    { name, args }: { readonly name: string; readonly args: readonly Ast[] },
    scope: Scope,
  ): (() => Core) | undefined {
    const source = pathDefinitions.get(`${name}/${args.length}`);
    if (source === undefined) return undefined;
    return () =>
      this.userCall(
        shippedDefinition(`path ${name}/${args.length}`, source),
        scope.depth,
        args,
        scope,
      );
  }

  private binding(
    patterns: readonly Pattern[],
    scope: Scope,
  ): { readonly binding: Binding; readonly inner: Scope } {
    const names: string[] = [];
    for (const pattern of patterns) collectNames(pattern, names);
    const alternatives = patterns.map((pattern) => this.matcher(pattern, names, scope));
    let inner = scope;
    for (const name of names) inner = withEntry(inner, { kind: 'variable', name, at: inner.depth });
    return { binding: { size: names.length, alternatives }, inner };
  }

  private matcher(pattern: Pattern, names: readonly string[], scope: Scope): Matcher {
    if (pattern.kind === 'name') return { kind: 'slot', slot: names.indexOf(pattern.name) };
    const inner = (part: Pattern): Matcher => this.matcher(part, names, scope);
    const members: MatcherMember[] =
      pattern.kind === 'array'
        ? // From the last to the first, so that of two equal names the first counts.
          pattern.items
            .map((item, index) => ({ key: constant(index), value: inner(item) }))
            .reverse()
        : pattern.entries.map(({ name, key, value }) => ({
            key: this.node(key, scope),
            ...(name === undefined ? {} : { slot: names.indexOf(name) }),
            ...(value === undefined ? {} : { value: inner(value) }),
          }));
    return { kind: 'members', members };
  }
}

function negation(operand: Core): Core {
  const value = operand.kind === 'const' ? negated(operand.value) : undefined;
  if (value !== undefined) return constant(value);
  return { kind: 'negate', operand, card: operand.card };
}
