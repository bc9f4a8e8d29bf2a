import type { Json } from '@parley/kernel';
import type { Binding, Core, CoreOf, Definition, Matcher } from './core.js';

/** A part of the input (`.`) or of a variable (`$name`) that a program reads as a whole. */
export interface PathRead {
  readonly root: string;
  readonly path: readonly (string | number)[];
}

export interface Facts {
  /** Names of the given variables that the program uses. */
  readonly variables: readonly string[];
  /** What the program reads, at least: a part that cannot be told apart counts with all around it. */
  readonly paths: readonly PathRead[];
  /** Whether the result depends on the time. Everything else depends on input and variables only. */
  readonly usesNow: boolean;
}

/** What a value is known to be: a part of a root, or something computed. */
type Place = PathRead | undefined;

/** Bound variables, innermost first. */
interface Scope {
  readonly place: Place;
  readonly outer?: Scope;
}

export function analyse(program: Core): Facts {
  const analysis = new Analysis();
  analysis.read(analysis.visit(program, { root: '.', path: [] }, undefined));
  return {
    variables: [...analysis.variables],
    paths: [...analysis.reads.values()],
    usesNow: analysis.usesNow,
  };
}

class Analysis {
  readonly variables = new Set<string>();
  readonly reads = new Map<string, PathRead>();
  usesNow = false;
  private readonly visited = new Set<Definition>();

  read(place: Place): void {
    if (place !== undefined) this.reads.set(JSON.stringify([place.root, ...place.path]), place);
  }

  /** Notes what `node` reads and returns the place of its output when that is one part as it is. */
  visit(node: Core, input: Place, scope: Scope | undefined): Place {
    switch (node.kind) {
      case 'identity':
        return input;
      case 'const':
      case 'empty':
      case 'break':
        return undefined;
      case 'variable':
        return placeAt(scope, node.up);
      case 'global':
        this.variables.add(node.name);
        return { root: `$${node.name}`, path: [] };
      case 'index':
        return this.index(node, input, scope);
      case 'pipe':
        return this.visit(node.right, this.visit(node.left, input, scope), scope);
      case 'bind': {
        const source = this.visit(node.source, input, scope);
        return this.visit(node.body, input, this.bind(node.binding, source, scope));
      }
      case 'label':
        return this.visit(node.body, input, { place: undefined, outer: scope });
      case 'reduce':
      case 'foreach':
        return this.loop(node, input, scope);
      case 'call':
        return this.call(node, input, scope);
      default:
        this.use(node, input, scope);
        return undefined;
    }
  }

  /** Nodes that consume their input and what their parts give. */
  private use(node: Core, input: Place, scope: Scope | undefined): void {
    if (node.kind === 'native' && node.name === 'now') this.usesNow = true;
    const inner = changesInput(node) ? undefined : input;
    if (consumesInput(node)) this.read(input);
    for (const part of partsOf(node)) this.read(this.visit(part, inner, scope));
  }

  private index(node: CoreOf<'index'>, input: Place, scope: Scope | undefined): Place {
    const target = this.visit(node.target, input, scope);
    const { key } = node;
    if (target !== undefined && key.kind === 'const' && isName(key.value)) {
      return { root: target.root, path: [...target.path, key.value] };
    }
    this.read(target);
    this.read(this.visit(key, input, scope));
    return undefined;
  }

  private bind(binding: Binding, source: Place, scope: Scope | undefined): Scope | undefined {
    const [only] = binding.alternatives;
    if (binding.alternatives.length === 1 && only?.kind === 'slot') {
      return { place: source, outer: scope };
    }
    this.read(source);
    for (const matcher of binding.alternatives) this.keys(matcher, scope);
    let inner = scope;
    for (let i = 0; i < binding.size; i += 1) inner = { place: undefined, outer: inner };
    return inner;
  }

  private keys(matcher: Matcher, scope: Scope | undefined): void {
    if (matcher.kind === 'slot') return;
    for (const { key, value } of matcher.members) {
      this.read(this.visit(key, undefined, scope));
      if (value !== undefined) this.keys(value, scope);
    }
  }

  private loop(
    node: CoreOf<'reduce' | 'foreach'>,
    input: Place,
    scope: Scope | undefined,
  ): undefined {
    this.read(this.visit(node.init, input, scope));
    const inner = this.bind(node.binding, this.visit(node.source, input, scope), scope);
    this.read(this.visit(node.update, undefined, inner));
    if (node.kind === 'foreach') this.read(this.visit(node.extract, undefined, inner));
    return undefined;
  }

  /** A function may do anything with its input, and call its arguments with any part of it. */
  private call(node: CoreOf<'call'>, input: Place, scope: Scope | undefined): undefined {
    this.read(input);
    for (const arg of node.args) this.read(this.visit(arg, undefined, scope));
    const { definition } = node;
    if (this.visited.has(definition) || definition.body === undefined) return undefined;
    this.visited.add(definition);
    this.read(this.visit(definition.body, undefined, undefined));
    return undefined;
  }
}

function isName(key: Json): key is string | number {
  return typeof key === 'string' || (typeof key === 'number' && Number.isInteger(key));
}

function placeAt(scope: Scope | undefined, up: number): Place {
  let at = scope;
  for (let left = up; left > 0; left -= 1) at = at?.outer;
  return at?.place;
}

/** Builtins that run filters give them other inputs than their own. */
function changesInput(node: Core): boolean {
  return node.kind === 'form' || node.kind === 'modify';
}

/** Builtins whose result has nothing to do with their input. */
const INPUTLESS = new Set(['now/0', 'infinite/0', 'nan/0', 'error/1', 'builtins/0', 'pow/2']);

function consumesInput(node: Core): boolean {
  if (node.kind === 'native') return !INPUTLESS.has(`${node.name}/${node.args.length}`);
  return ['form', 'modify', 'assign', 'update', 'parameter'].includes(node.kind);
}

function partsOf(node: Core): readonly Core[] {
  switch (node.kind) {
    case 'slice':
      return [node.target, node.from, node.to];
    case 'iterate':
      return [node.target];
    case 'comma':
    case 'and':
    case 'or':
    case 'alternative':
    case 'binary':
      return [node.left, node.right];
    case 'negate':
      return [node.operand];
    case 'collect':
      return [node.body];
    case 'object':
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case 'string':
      return node.parts.filter((part) => typeof part !== 'string');
    case 'if':
      return [node.test, node.then, node.otherwise];
    case 'try':
      return [node.body, node.handler];
    case 'assign':
    case 'update':
      return [node.target, node.value];
    case 'modify':
      return [node.target, node.update];
    case 'native':
    case 'form':
      return node.args;
    default:
      return [];
  }
}
