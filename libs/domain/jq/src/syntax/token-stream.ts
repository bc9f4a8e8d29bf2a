import { SyntaxFault, type Span } from '../errors.js';
import { SYNTAX_DEPTH_MAX } from '../limits.js';
import type { Ast, AstBody } from './ast.js';
import type { Token, TokenKind } from './lexer.js';

/** The rules that terms and patterns nest; given by the parser so that files do not import in circles. */
export interface Grammar {
  query(tokens: TokenStream): Ast;
  expression(tokens: TokenStream): Ast;
}

/** Reads tokens one after the other, with the questions that a parser asks. */
export class TokenStream {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly grammar: Grammar,
  ) {}

  /** Everything up to a closing token: pipes, commas and all. */
  query(): Ast {
    this.descend();
    const query = this.grammar.query(this);
    this.ascend();
    return query;
  }

  /** An expression without pipes and commas. */
  expression(): Ast {
    return this.grammar.expression(this);
  }

  /** A complete query in its own token list: the inside of an interpolation. */
  nested(tokens: readonly Token[]): Ast {
    const inner = new TokenStream(tokens, this.grammar);
    inner.depth = this.depth;
    const query = inner.query();
    inner.expectEnd();
    return query;
  }

  /** A syntax node that reaches from `start` to the last token that was read. */
  node(start: Span, body: AstBody): Ast {
    return { ...body, span: this.since(start) };
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)] as Token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at += 1;
    return token;
  }

  is(operator: string): boolean {
    const token = this.peek();
    return token.kind === 'operator' && token.text === operator;
  }

  accept(operator: string): boolean {
    if (!this.is(operator)) return false;
    this.at += 1;
    return true;
  }

  expect(operator: string): void {
    if (!this.accept(operator)) this.unexpected(`"${operator}"`);
  }

  isKeyword(word: string): boolean {
    const token = this.peek();
    return token.kind === 'keyword' && token.text === word;
  }

  acceptKeyword(word: string): boolean {
    if (!this.isKeyword(word)) return false;
    this.at += 1;
    return true;
  }

  expectKeyword(word: string): void {
    if (!this.acceptKeyword(word)) this.unexpected(`"${word}"`);
  }

  expectKind(kind: TokenKind, what: string): Token {
    if (this.peek().kind !== kind) this.unexpected(what);
    return this.next();
  }

  expectEnd(): void {
    if (this.peek().kind !== 'end') this.unexpected('an operator or the end');
  }

  unexpected(expected: string): never {
    const token = this.peek();
    const what =
      token.kind === 'end' ? 'the expression ends' : `"${token.text || 'string'}" stands`;
    throw new SyntaxFault('syntax', `${what} where ${expected} is expected`, token);
  }

  private since(from: Span): Span {
    const last = this.tokens[Math.max(this.at - 1, 0)] as Token;
    return { offset: from.offset, length: Math.max(last.offset + last.length - from.offset, 0) };
  }

  descend(): void {
    this.depth += 1;
    if (this.depth > SYNTAX_DEPTH_MAX) {
      throw new SyntaxFault('syntax', `nested deeper than ${SYNTAX_DEPTH_MAX} levels`, this.peek());
    }
  }

  ascend(): void {
    this.depth -= 1;
  }
}
