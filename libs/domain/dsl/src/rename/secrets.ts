import { parse, SyntaxFault, type Ast } from '@parley/jq';
import { bareExpression, interpolate, type ExpressionPart } from '../expressions/interpolation.js';
import type { Holds } from '../language/shape.js';
import { spanInScalar } from '../source/positions.js';
import type { ScalarNode, Span } from '../source/tree.js';

/** A secret that an expression reads: `$secrets.name`, `$secrets["name"]`. */
export interface SecretRead {
  readonly name: string;
  /** From behind `$secrets` to the end of the name. */
  readonly span: Span;
}

/** The secrets that the expressions in a text read. */
export function secretsIn(
  source: string,
  node: ScalarNode,
  where: { readonly holds: Holds | 'template'; readonly loose: boolean },
): SecretRead[] {
  const text = String(node.value);
  if (!text.includes('$secrets')) return [];
  return expressionsIn(text, where).flatMap((part) =>
    readsIn(part.source).map(({ name, offset, length }) => ({
      name,
      span: spanInScalar(source, node, part.offset + offset, length),
    })),
  );
}

function expressionsIn(
  text: string,
  { holds, loose }: { readonly holds: Holds | 'template'; readonly loose: boolean },
): ExpressionPart[] {
  const bare = holds === 'expression' || holds === 'condition';
  if (bare || (loose && !text.includes('${'))) {
    const part = bareExpression(text);
    return 'unclosed' in part ? [] : [part];
  }
  const found = interpolate(text);
  if (found.kind === 'expression') return [found.part];
  return found.kind === 'text' ? found.parts.filter((part) => typeof part !== 'string') : [];
}

interface Read {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

function readsIn(program: string): Read[] {
  let ast: Ast;
  try {
    ast = parse(program);
  } catch (fault) {
    // What cannot be read, reads nothing; the check says why.
    if (fault instanceof SyntaxFault) return [];
    throw fault;
  }
  const reads: Read[] = [];
  collect(ast, program, reads);
  return reads;
}

/** Programs are small, and their nodes are plain data: every value is looked into. */
function collect(value: unknown, program: string, reads: Read[]): void {
  if (typeof value !== 'object' || value === null) return;
  const node = value as Partial<Ast>;
  if (node.kind === 'index' && node.target?.kind === 'variable' && node.target.name === 'secrets') {
    const name = textOf(node.key);
    const offset = node.target.span.offset + node.target.span.length;
    const end = (node.span?.offset ?? 0) + (node.span?.length ?? 0);
    const written = program.slice(offset, end).replace(/\s*\?$/, '');
    if (name !== undefined) reads.push({ name, offset, length: written.length });
  }
  for (const inner of Object.values(value)) collect(inner, program, reads);
}

function textOf(key: Ast | undefined): string | undefined {
  if (key?.kind === 'literal') return typeof key.value === 'string' ? key.value : undefined;
  if (key?.kind !== 'string' || key.format !== 'text') return undefined;
  const [only = '', ...more] = key.parts;
  return typeof only === 'string' && more.length === 0 ? only : undefined;
}
