import { compile, parse, SyntaxFault, type Ast, type PathRead } from '@parley/jq';
import type { Expression, Template } from '../ir.js';

/** Collects what expressions read, by root: `.` or the name of a variable with its `$`. */
export class Reads {
  readonly paths = new Map<string, PathRead>();
  /** An expression could not be read. */
  unknown = false;

  expression(source: Expression | undefined): this {
    if (source === undefined) return this;
    const program = compile(source, { variables: namesIn(source) });
    if (!program.ok) this.unknown = true;
    else for (const read of program.value.paths) this.add(read);
    return this;
  }

  template(template: Template | undefined): this {
    switch (template?.kind) {
      case undefined:
      case 'literal':
        return this;
      case 'expression':
        return this.expression(template.source);
      case 'text':
        for (const part of template.parts) {
          if (typeof part !== 'string') this.expression(part.source);
        }
        return this;
      case 'object':
        for (const [, value] of template.entries) this.template(value);
        return this;
      case 'array':
        for (const item of template.items) this.template(item);
        return this;
    }
  }

  add(read: PathRead): void {
    this.paths.set(JSON.stringify([read.root, ...read.path]), read);
  }
}

/** Every name that follows a `$`; more than are used does no harm. */
function namesIn(source: string): string[] {
  const names = new Set<string>();
  for (const [, name = ''] of source.matchAll(/\$([A-Za-z_][A-Za-z_0-9]*)/g)) names.add(name);
  names.delete('__loc__');
  names.delete('ENV');
  return [...names];
}

/** What an `export.as` does to the context. */
export interface ContextWrite {
  /** Members that are set, all others stay; undefined: the context becomes something else. */
  readonly members?: readonly string[];
  /** What is computed from; a context that is only carried along is not read. */
  readonly reads: Reads;
}

/** `$context + { a: … }` and `$context * { a: … }` set members; everything else replaces. */
export function contextWriteOf(as: Template): ContextWrite {
  const merged = as.kind === 'expression' ? mergeOf(as.source) : undefined;
  return merged ?? { reads: new Reads().template(as) };
}

function mergeOf(source: Expression): ContextWrite | undefined {
  const ast = astOf(source);
  if (ast === undefined) return undefined;
  const members: string[] = [];
  const reads = new Reads();
  let at: Ast = ast;
  while (at.kind === 'binary' && (at.op === '+' || at.op === '*')) {
    const names = literalKeys(at.right);
    if (names === undefined) return undefined;
    members.push(...names);
    reads.expression(
      source.slice(at.right.span.offset, at.right.span.offset + at.right.span.length),
    );
    at = at.left;
  }
  const carries = at.kind === 'variable' && at.name.replace(/^\$/, '') === 'context';
  return carries ? { members: [...new Set(members)].sort(), reads } : undefined;
}

function astOf(source: Expression): Ast | undefined {
  try {
    return parse(source);
  } catch (fault) {
    if (fault instanceof SyntaxFault) return undefined;
    throw fault;
  }
}

/** The keys of an object construction, when all of them are written out. */
function literalKeys(ast: Ast): string[] | undefined {
  if (ast.kind !== 'object') return undefined;
  const keys: string[] = [];
  for (const { key } of ast.entries) {
    const name = literalText(key);
    if (name === undefined) return undefined;
    keys.push(name);
  }
  return keys;
}

function literalText(key: Ast): string | undefined {
  if (key.kind === 'literal') return typeof key.value === 'string' ? key.value : undefined;
  if (key.kind !== 'string') return undefined;
  const parts = key.parts.filter((part) => typeof part === 'string');
  return parts.length === key.parts.length ? parts.join('') : undefined;
}
