import type { Json } from '@parley/kernel';
import type { Span } from '../errors.js';

/** What the parser makes of a program: names are not resolved yet. */
export type Ast = AstBody & { readonly span: Span };

export type BinaryOp = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>=';
export type UpdateOp = '=' | '|=' | '+=' | '-=' | '*=' | '/=' | '%=' | '//=';

export type AstBody =
  | { readonly kind: 'identity' }
  | { readonly kind: 'recurse' }
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'string'; readonly format: string; readonly parts: readonly (string | Ast)[] }
  | { readonly kind: 'format'; readonly name: string }
  | { readonly kind: 'index'; readonly target: Ast; readonly key: Ast; readonly optional: boolean }
  | {
      readonly kind: 'slice';
      readonly target: Ast;
      readonly from?: Ast;
      readonly to?: Ast;
      readonly optional: boolean;
    }
  | { readonly kind: 'iterate'; readonly target: Ast; readonly optional: boolean }
  | { readonly kind: 'pipe'; readonly left: Ast; readonly right: Ast }
  | { readonly kind: 'comma'; readonly left: Ast; readonly right: Ast }
  | { readonly kind: 'and'; readonly left: Ast; readonly right: Ast }
  | { readonly kind: 'or'; readonly left: Ast; readonly right: Ast }
  | { readonly kind: 'alternative'; readonly left: Ast; readonly right: Ast }
  | { readonly kind: 'binary'; readonly op: BinaryOp; readonly left: Ast; readonly right: Ast }
  | { readonly kind: 'update'; readonly op: UpdateOp; readonly left: Ast; readonly right: Ast }
  | { readonly kind: 'negate'; readonly operand: Ast }
  | { readonly kind: 'array'; readonly body?: Ast }
  | { readonly kind: 'object'; readonly entries: readonly AstEntry[] }
  | { readonly kind: 'if'; readonly test: Ast; readonly then: Ast; readonly otherwise?: Ast }
  | { readonly kind: 'try'; readonly body: Ast; readonly handler?: Ast }
  | {
      readonly kind: 'reduce';
      readonly source: Ast;
      readonly patterns: readonly Pattern[];
      readonly init: Ast;
      readonly update: Ast;
    }
  | {
      readonly kind: 'foreach';
      readonly source: Ast;
      readonly patterns: readonly Pattern[];
      readonly init: Ast;
      readonly update: Ast;
      readonly extract?: Ast;
    }
  | {
      readonly kind: 'bind';
      readonly source: Ast;
      readonly patterns: readonly Pattern[];
      readonly body: Ast;
    }
  | { readonly kind: 'define'; readonly definition: AstDefinition; readonly body: Ast }
  | { readonly kind: 'label'; readonly name: string; readonly body: Ast }
  | { readonly kind: 'break'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Ast[] };

export interface AstEntry {
  readonly key: Ast;
  readonly value: Ast;
}

export interface AstDefinition {
  readonly name: string;
  /** Parameters as written: `f` takes a filter, `$f` a value. */
  readonly parameters: readonly string[];
  readonly body: Ast;
}

/** What stands after `as`. */
export type Pattern =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'array'; readonly items: readonly Pattern[] }
  | { readonly kind: 'object'; readonly entries: readonly PatternEntry[] };

export interface PatternEntry {
  /** Set by `$name` and `$name: pattern`: the member is bound too. */
  readonly name?: string;
  readonly key: Ast;
  readonly value?: Pattern;
}
