import { SyntaxFault, type Span } from '../errors.js';
import { literal } from '../values/number.js';
import type { Ast, AstEntry } from './ast.js';
import type { Token } from './lexer.js';
import { parsePatterns } from './patterns.js';
import { checkedKey, parseString } from './strings.js';
import type { TokenStream } from './token-stream.js';

/** A term with everything that is suffixed to it: `.a`, `[…]`, `?`. */
export function parseTerm(tokens: TokenStream): Ast {
  tokens.descend();
  const start = tokens.peek();
  let term = parsePrimary(tokens);
  for (;;) {
    const suffixed = parseSuffix(tokens, start, term);
    if (suffixed === undefined) break;
    term = suffixed;
  }
  tokens.ascend();
  return term;
}

function parseSuffix(tokens: TokenStream, start: Span, target: Ast): Ast | undefined {
  const token = tokens.peek();
  if (token.kind === 'field') {
    tokens.next();
    return index(tokens, start, target, { kind: 'literal', value: token.text, span: token });
  }
  if (tokens.is('.')) {
    const after = tokens.peek(1);
    if (after.kind === 'string' || after.kind === 'format') {
      tokens.next();
      return index(tokens, start, target, parseString(tokens));
    }
    if (after.text !== '[') return undefined;
    tokens.next();
  }
  if (tokens.accept('[')) return parseBracket(tokens, start, target);
  if (tokens.accept('?')) return tokens.node(start, { kind: 'try', body: target });
  if (tokens.is('?//')) {
    throw new SyntaxFault('syntax', '"?//" separates patterns; write "? //" with a space', token);
  }
  return undefined;
}

function index(tokens: TokenStream, start: Span, target: Ast, key: Ast): Ast {
  const optional = tokens.accept('?');
  return tokens.node(start, { kind: 'index', target, key, optional });
}

/** After `target[`. */
function parseBracket(tokens: TokenStream, start: Span, target: Ast): Ast {
  if (tokens.accept(']')) {
    return tokens.node(start, { kind: 'iterate', target, optional: tokens.accept('?') });
  }
  const from = tokens.is(':') ? undefined : tokens.query();
  if (from !== undefined && tokens.accept(']')) return index(tokens, start, target, from);
  tokens.expect(':');
  const to = from !== undefined && tokens.is(']') ? undefined : tokens.query();
  tokens.expect(']');
  return tokens.node(start, { kind: 'slice', target, from, to, optional: tokens.accept('?') });
}

function parsePrimary(tokens: TokenStream): Ast {
  const start = tokens.peek();
  switch (start.kind) {
    case 'number':
      tokens.next();
      return tokens.node(start, { kind: 'literal', value: literal(start.text) ?? null });
    case 'string':
      return parseString(tokens);
    case 'format':
      if (tokens.peek(1).kind === 'string') return parseString(tokens);
      tokens.next();
      return tokens.node(start, { kind: 'format', name: start.text });
    case 'variable':
      tokens.next();
      return tokens.node(start, { kind: 'variable', name: start.text });
    case 'field':
      tokens.next();
      return index(tokens, start, implicit(start), {
        kind: 'literal',
        value: start.text,
        span: start,
      });
    case 'identifier':
      return parseCall(tokens);
    case 'keyword':
      return parseKeyword(tokens);
    case 'operator':
      return parsePunctuation(tokens);
    case 'end':
      return tokens.unexpected('an expression');
  }
}

/** The `.` that is not written in `.name`. */
function implicit(at: Span): Ast {
  return { kind: 'identity', span: { offset: at.offset, length: 0 } };
}

function parseCall(tokens: TokenStream): Ast {
  const start = tokens.next();
  if (start.text === 'null') return tokens.node(start, { kind: 'literal', value: null });
  if (start.text === 'true') return tokens.node(start, { kind: 'literal', value: true });
  if (start.text === 'false') return tokens.node(start, { kind: 'literal', value: false });
  const args: Ast[] = [];
  if (tokens.accept('(')) {
    do args.push(tokens.query());
    while (tokens.accept(';'));
    tokens.expect(')');
  }
  return { kind: 'call', name: start.text, args, span: start };
}

function parsePunctuation(tokens: TokenStream): Ast {
  const start = tokens.peek();
  if (tokens.accept('.')) {
    const after = tokens.peek();
    if (after.kind === 'string' || after.kind === 'format') {
      return index(tokens, start, implicit(start), parseString(tokens));
    }
    return tokens.node(start, { kind: 'identity' });
  }
  if (tokens.accept('..')) return tokens.node(start, { kind: 'recurse' });
  if (tokens.accept('-')) return tokens.node(start, { kind: 'negate', operand: parseTerm(tokens) });
  if (tokens.accept('(')) {
    const inner = tokens.query();
    tokens.expect(')');
    return inner;
  }
  if (tokens.accept('[')) {
    const body = tokens.is(']') ? undefined : tokens.query();
    tokens.expect(']');
    return tokens.node(start, { kind: 'array', body });
  }
  if (tokens.accept('{')) return parseObject(tokens, start);
  return tokens.unexpected('an expression');
}

function parseObject(tokens: TokenStream, start: Span): Ast {
  const entries: AstEntry[] = [];
  while (!tokens.accept('}')) {
    entries.push(parseEntry(tokens));
    if (!tokens.is('}')) tokens.expect(',');
  }
  return tokens.node(start, { kind: 'object', entries });
}

function parseEntry(tokens: TokenStream): AstEntry {
  const start = tokens.peek();
  const { key, shorthand } = parseEntryKey(tokens);
  if (tokens.accept(':')) return { key, value: parseEntryValue(tokens) };
  if (shorthand !== undefined) return { key: shorthand.key, value: shorthand.value };
  if (tokens.is(',') || tokens.is('}')) return tokens.unexpected('":"');
  throw new SyntaxFault(
    'syntax',
    'an object key that is an expression needs parentheses, as in {(expression): value}',
    start,
  );
}

interface EntryKey {
  readonly key: Ast;
  /** What the key means when no value follows it. */
  readonly shorthand?: AstEntry;
}

function parseEntryKey(tokens: TokenStream): EntryKey {
  const start = tokens.peek();
  const literal: Ast = { kind: 'literal', value: start.text, span: start };
  switch (start.kind) {
    case 'variable': {
      tokens.next();
      const value: Ast = { kind: 'variable', name: start.text, span: start };
      return { key: value, shorthand: { key: literal, value } };
    }
    case 'identifier':
    case 'keyword':
      tokens.next();
      return { key: literal, shorthand: member(literal) };
    case 'string':
    case 'format': {
      const key = parseString(tokens);
      return { key, shorthand: member(key) };
    }
    default: {
      if (!tokens.is('(')) tokens.unexpected('a key');
      tokens.next();
      const key = checkedKey(tokens.query());
      tokens.expect(')');
      return { key };
    }
  }
}

function member(key: Ast): AstEntry {
  const target = implicit(key.span);
  return { key, value: { kind: 'index', target, key, optional: false, span: key.span } };
}

/** Values of an object are expressions joined by pipes; a comma begins the next entry. */
function parseEntryValue(tokens: TokenStream): Ast {
  const start = tokens.peek();
  const left = tokens.expression();
  if (!tokens.accept('|')) return left;
  return tokens.node(start, { kind: 'pipe', left, right: parseEntryValue(tokens) });
}

function parseKeyword(tokens: TokenStream): Ast {
  const start = tokens.next();
  switch (start.text) {
    case 'if':
      return parseIf(tokens, start);
    case 'try': {
      const body = parseTerm(tokens);
      const handler = tokens.acceptKeyword('catch') ? parseTerm(tokens) : undefined;
      return tokens.node(start, { kind: 'try', body, handler });
    }
    case 'reduce':
    case 'foreach':
      return parseLoop(tokens, start);
    case 'break': {
      const { text } = tokens.expectKind('variable', 'the label to break to, such as $out');
      return tokens.node(start, { kind: 'break', name: text });
    }
    case 'import':
    case 'include':
    case 'module':
      throw new SyntaxFault('unsupported', `${start.text}: modules are not available`, start);
    default:
      throw new SyntaxFault(
        'syntax',
        `unexpected "${start.text}", an expression is expected`,
        start,
      );
  }
}

/** After `if` or `elif`. */
function parseIf(tokens: TokenStream, start: Token): Ast {
  tokens.descend();
  const test = tokens.query();
  tokens.expectKeyword('then');
  const then = tokens.query();
  let otherwise: Ast | undefined;
  const branch = tokens.peek();
  if (tokens.acceptKeyword('elif')) {
    otherwise = parseIf(tokens, branch);
  } else {
    if (tokens.acceptKeyword('else')) otherwise = tokens.query();
    tokens.expectKeyword('end');
  }
  tokens.ascend();
  return tokens.node(start, { kind: 'if', test, then, otherwise });
}

function parseLoop(tokens: TokenStream, start: Token): Ast {
  const source = tokens.expression();
  tokens.expectKeyword('as');
  const patterns = parsePatterns(tokens);
  tokens.expect('(');
  const init = tokens.query();
  tokens.expect(';');
  const update = tokens.query();
  const extract = start.text === 'foreach' && tokens.accept(';') ? tokens.query() : undefined;
  tokens.expect(')');
  if (start.text === 'reduce') {
    return tokens.node(start, { kind: 'reduce', source, patterns, init, update });
  }
  return tokens.node(start, { kind: 'foreach', source, patterns, init, update, extract });
}
