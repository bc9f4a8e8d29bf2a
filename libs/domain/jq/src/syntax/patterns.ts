import type { Ast, Pattern, PatternEntry } from './ast.js';
import { checkedKey, parseString } from './strings.js';
import type { TokenStream } from './token-stream.js';

/** `pattern ?// pattern …` */
export function parsePatterns(tokens: TokenStream): Pattern[] {
  const patterns = [parsePattern(tokens)];
  while (tokens.accept('?//')) patterns.push(parsePattern(tokens));
  return patterns;
}

function parsePattern(tokens: TokenStream): Pattern {
  tokens.descend();
  const pattern = parsePatternBody(tokens);
  tokens.ascend();
  return pattern;
}

function parsePatternBody(tokens: TokenStream): Pattern {
  if (tokens.peek().kind === 'variable') return { kind: 'name', name: tokens.next().text };
  if (tokens.accept('[')) {
    const items = [parsePattern(tokens)];
    while (tokens.accept(',')) items.push(parsePattern(tokens));
    tokens.expect(']');
    return { kind: 'array', items };
  }
  if (tokens.accept('{')) {
    const entries = [parseEntry(tokens)];
    while (tokens.accept(',')) entries.push(parseEntry(tokens));
    tokens.expect('}');
    return { kind: 'object', entries };
  }
  return tokens.unexpected('a variable, an array pattern or an object pattern');
}

function parseEntry(tokens: TokenStream): PatternEntry {
  const token = tokens.peek();
  if (token.kind === 'variable') {
    tokens.next();
    const key: Ast = { kind: 'literal', value: token.text, span: token };
    const value = tokens.accept(':') ? parsePattern(tokens) : undefined;
    return { name: token.text, key, value };
  }
  const key = parseKey(tokens);
  tokens.expect(':');
  return { key, value: parsePattern(tokens) };
}

function parseKey(tokens: TokenStream): Ast {
  const token = tokens.peek();
  if (token.kind === 'identifier' || token.kind === 'keyword') {
    tokens.next();
    return { kind: 'literal', value: token.text, span: token };
  }
  if (token.kind === 'string' || token.kind === 'format') return parseString(tokens);
  tokens.expect('(');
  const key = checkedKey(tokens.query());
  tokens.expect(')');
  return key;
}
