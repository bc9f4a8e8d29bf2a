import { objectOf, type Json } from '@parley/kernel';
import { describe, SyntaxFault } from '../errors.js';
import type { Ast } from './ast.js';
import type { TokenStream } from './token-stream.js';

/** A string with its interpolations, formatted by the `@format` before it. */
export function parseString(tokens: TokenStream): Ast {
  const start = tokens.peek();
  const format = start.kind === 'format' ? tokens.next().text : 'text';
  const token = tokens.expectKind('string', 'a string');
  const parts = (token.parts ?? []).map((part) =>
    typeof part === 'string' ? part : tokens.nested(part),
  );
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'string') {
    return tokens.node(start, { kind: 'literal', value: only });
  }
  return tokens.node(start, { kind: 'string', format, parts });
}

/** Refuses a constant that can never be a key. */
export function checkedKey(key: Ast): Ast {
  const value = constantOf(key);
  if (value !== undefined && typeof value !== 'string') {
    throw new SyntaxFault('syntax', `Cannot use ${describe(value)} as object key`, key.span);
  }
  return key;
}

/** The value of an expression that is one for every input; undefined when it is not. */
function constantOf(ast: Ast): Json | undefined {
  if (ast.kind === 'literal') return ast.value;
  if (ast.kind === 'array') return ast.body === undefined ? [] : constantItems(ast.body);
  if (ast.kind !== 'object') return undefined;
  const members: [string, Json][] = [];
  for (const { key, value } of ast.entries) {
    const [name, member] = [constantOf(key), constantOf(value)];
    if (typeof name !== 'string' || member === undefined) return undefined;
    members.push([name, member]);
  }
  return objectOf(members);
}

function constantItems(ast: Ast): Json[] | undefined {
  if (ast.kind !== 'comma') {
    const value = constantOf(ast);
    return value === undefined ? undefined : [value];
  }
  const [left, right] = [constantItems(ast.left), constantItems(ast.right)];
  return left === undefined || right === undefined ? undefined : [...left, ...right];
}
