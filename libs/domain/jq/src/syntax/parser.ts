import { SyntaxFault } from '../errors.js';
import type { Ast, AstBody, AstDefinition, BinaryOp, UpdateOp } from './ast.js';
import { tokenize } from './lexer.js';
import { parsePatterns } from './patterns.js';
import { parseTerm } from './terms.js';
import { TokenStream, type Grammar } from './token-stream.js';

const GRAMMAR: Grammar = { query: parseQuery, expression: (tokens) => parseExpression(tokens, 0) };

/** Parses a whole program. Throws a `SyntaxFault`. */
export function parse(source: string): Ast {
  const tokens = new TokenStream(tokenize(source), GRAMMAR);
  if (tokens.peek().kind === 'end') {
    throw new SyntaxFault('syntax', 'an expression is expected', tokens.peek());
  }
  const program = tokens.query();
  tokens.expectEnd();
  return program;
}

/** Parses `def name(params): body;` alone, for definitions that ship with the library. */
export function parseDefinition(source: string): AstDefinition {
  const tokens = new TokenStream(tokenize(source), GRAMMAR);
  const definition = parseDef(tokens);
  tokens.expectEnd();
  return definition;
}

/** Pipes and commas, and what reaches as far right as it can: `def`, `label`, `as`. */
function parseQuery(tokens: TokenStream): Ast {
  const start = tokens.peek();
  let left = parseCommaOperand(tokens);
  while (tokens.accept(',')) {
    const right = parseCommaOperand(tokens);
    left = tokens.node(start, { kind: 'comma', left, right });
  }
  if (tokens.accept('|')) {
    left = tokens.node(start, { kind: 'pipe', left, right: tokens.query() });
  }
  return left;
}

function parseCommaOperand(tokens: TokenStream): Ast {
  const start = tokens.peek();
  if (tokens.isKeyword('def')) {
    const definition = parseDef(tokens);
    return tokens.node(start, { kind: 'define', definition, body: tokens.query() });
  }
  if (tokens.acceptKeyword('label')) {
    const name = tokens.expectKind('variable', 'a label such as $out').text;
    tokens.expect('|');
    return tokens.node(start, { kind: 'label', name, body: tokens.query() });
  }
  const source = parseExpression(tokens, 0);
  if (!tokens.acceptKeyword('as')) return source;
  const patterns = parsePatterns(tokens);
  tokens.expect('|');
  return tokens.node(start, { kind: 'bind', source, patterns, body: tokens.query() });
}

function parseDef(tokens: TokenStream): AstDefinition {
  tokens.expectKeyword('def');
  const name = tokens.expectKind('identifier', 'a function name').text;
  const parameters: string[] = [];
  if (tokens.accept('(')) {
    do {
      const token = tokens.next();
      if (token.kind === 'variable') parameters.push(`$${token.text}`);
      else if (token.kind === 'identifier') parameters.push(token.text);
      else throw new SyntaxFault('syntax', 'a parameter name is expected', token);
    } while (tokens.accept(';'));
    tokens.expect(')');
  }
  tokens.expect(':');
  const body = tokens.query();
  tokens.expect(';');
  return { name, parameters, body };
}

/** Loosest first. `right` and `none` say what may stand beside an operator of the same level. */
const LEVELS: readonly {
  readonly ops: readonly string[];
  readonly joins: 'left' | 'right' | 'none';
}[] = [
  { ops: ['//'], joins: 'right' },
  { ops: ['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='], joins: 'none' },
  { ops: ['or'], joins: 'left' },
  { ops: ['and'], joins: 'left' },
  { ops: ['==', '!=', '<', '<=', '>', '>='], joins: 'none' },
  { ops: ['+', '-'], joins: 'left' },
  { ops: ['*', '/', '%'], joins: 'left' },
];

/** Operators with their precedence, without pipes and commas. */
function parseExpression(tokens: TokenStream, level: number): Ast {
  const rules = LEVELS[level];
  if (rules === undefined) return parseTerm(tokens);
  const start = tokens.peek();
  let left = parseExpression(tokens, level + 1);
  while (isOneOf(tokens, rules.ops)) {
    const op = tokens.next().text;
    const right = parseExpression(tokens, rules.joins === 'right' ? level : level + 1);
    left = tokens.node(start, operation(op, left, right));
    if (rules.joins === 'none' && isOneOf(tokens, rules.ops)) {
      const again = tokens.peek();
      throw new SyntaxFault('syntax', `${again.text} needs parentheses beside ${op}`, again);
    }
  }
  return left;
}

function isOneOf(tokens: TokenStream, ops: readonly string[]): boolean {
  const { kind, text } = tokens.peek();
  return (kind === 'operator' || kind === 'keyword') && ops.includes(text);
}

function operation(op: string, left: Ast, right: Ast): AstBody {
  switch (op) {
    case '//':
      return { kind: 'alternative', left, right };
    case 'and':
    case 'or':
      return { kind: op, left, right };
    case '=':
    case '|=':
    case '+=':
    case '-=':
    case '*=':
    case '/=':
    case '%=':
    case '//=':
      return { kind: 'update', op: op satisfies UpdateOp, left, right };
    default:
      return { kind: 'binary', op: op as BinaryOp, left, right };
  }
}
