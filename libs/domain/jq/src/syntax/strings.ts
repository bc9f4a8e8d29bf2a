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
  if (key.kind === 'literal' && typeof key.value !== 'string') {
    throw new SyntaxFault('syntax', `Cannot use ${describe(key.value)} as object key`, key.span);
  }
  return key;
}
