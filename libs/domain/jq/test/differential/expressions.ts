import type { Random } from './random.js';
import { numberText } from './inputs.js';

/** Makes a program that uses one feature. */
export type Feature = (e: Expressions) => string;

/** Pieces of programs. Everything it makes ends soon: no loops without bounds, no large ranges. */
export class Expressions {
  /** Variables in scope. */
  private readonly names: string[] = [];

  constructor(readonly random: Random) {}

  pick<T>(...choices: readonly T[]): T {
    return this.random.pick(choices);
  }

  small(): string {
    return String(this.random.below(6) - 1);
  }

  natural(): string {
    return String(this.random.below(5));
  }

  number(): string {
    return this.random.chance(0.7) ? this.small() : numberText(this.random);
  }

  key(): string {
    return this.pick('a', 'b', 'c', 'key', 'value', 'name', 'k', '__proto__', 'toString');
  }

  string(): string {
    return JSON.stringify(
      this.pick('', 'a', 'b', 'foo', 'bar', ', ', ' ', 'é', '😀', 'X', '1', '10', 'abc', '.', '%'),
    );
  }

  /** A string that may hold anything. */
  text(depth: number): string {
    if (depth <= 0 || this.random.chance(0.6)) return this.string();
    const format = this.pick('', '', '', '@json ', '@text ', '@html ', '@uri ', '@sh ', '@base64 ');
    return `${format}"x\\(${this.value(depth - 1)})y\\(${this.value(depth - 1)})"`;
  }

  constant(depth: number): string {
    switch (this.random.below(depth > 0 ? 7 : 5)) {
      case 0:
        return this.pick('null', 'true', 'false', '[]', '{}', 'nan', 'infinite', '-infinite');
      case 1:
      case 2:
        return this.number();
      case 3:
      case 4:
        return this.string();
      case 5:
        return `[${this.several(() => this.constant(depth - 1), ', ')}]`;
      default:
        return `{${this.several(() => `${this.entryKey()}: ${this.constant(depth - 1)}`, ', ')}}`;
    }
  }

  entryKey(): string {
    return this.pick('a', 'b', 'key', 'value', '"1"', '"0"', '"10"', '"a b"', '__proto__', 'if');
  }

  several(make: () => string, separator: string): string {
    return Array.from({ length: 1 + this.random.below(3) }, make).join(separator);
  }

  /** A path expression. */
  path(depth: number): string {
    if (depth <= 0) return this.pick('.', '.a', '.b', '.[0]', '.[]?', '.key', '.["1"]', '.[-1]');
    switch (this.random.below(16)) {
      case 0:
        return `.${this.key()}`;
      case 1:
        return `.[${this.number()}]`;
      case 2:
        return `.[${this.number()}:${this.number()}]`;
      case 3:
        return this.pick(
          '.[]',
          '.[]?',
          '..',
          '.[1:]',
          '.[:-1]',
          '.a.b?',
          '.a[0]',
          '."a"',
          '."a b"?',
        );
      case 4:
        return `${this.path(0)} | ${this.path(depth - 1)}`;
      case 5:
        return `(${this.path(depth - 1)}, ${this.path(depth - 1)})`;
      case 6:
        return `select(${this.condition(depth - 1)})`;
      case 7:
        return `(${this.path(depth - 1)} | select(${this.condition(depth - 1)}))`;
      case 8:
        return `first(${this.path(depth - 1)})`;
      case 9:
        return `(${this.path(depth - 1)} // ${this.path(depth - 1)})`;
      case 10:
        return `getpath([${this.several(() => this.pick('"a"', '0', '"b"', '"1"'), ', ')}])`;
      case 11:
        return `(if ${this.condition(depth - 1)} then ${this.path(depth - 1)} else ${this.path(0)} end)`;
      case 12:
        return `(try ${this.term(this.path(depth - 1))} catch ${this.path(0)})`;
      case 13:
        return this.pick('recurse', 'first', 'last', 'limit(2; .[]?)', 'empty', 'nth(1)', 'arrays');
      case 14:
        return this.pick('.a?', '.[0]?', '.[1:2]?', '.["a"]?', '.a[]?', '.. | numbers', '.[.a]?');
      default:
        return this.path(0);
    }
  }

  condition(depth: number): string {
    if (depth <= 0) return this.pick('true', 'false', '.', '. == null', '.a', 'type == "number"');
    switch (this.random.below(8)) {
      case 0:
        return `(${this.value(depth - 1)} ${this.comparison()} ${this.value(depth - 1)})`;
      case 1:
        return `(${this.condition(depth - 1)} and ${this.condition(depth - 1)})`;
      case 2:
        return `(${this.condition(depth - 1)} or ${this.condition(depth - 1)})`;
      case 3:
        return `(${this.condition(depth - 1)} | not)`;
      case 4:
        return `has(${this.pick('"a"', '0', '"1"')})?`;
      case 5:
        return `(type == ${this.pick('"string"', '"object"', '"array"', '"number"')})`;
      case 6:
        return `any(.[]?; ${this.condition(depth - 1)})`;
      default:
        return `(. ${this.comparison()} ${this.constant(0)})`;
    }
  }

  comparison(): string {
    return this.pick('==', '!=', '<', '<=', '>', '>=');
  }

  /** Any expression, as an operand. */
  value(depth: number): string {
    if (this.names.length > 0 && this.random.chance(0.15))
      return `$${this.random.pick(this.names)}`;
    if (depth <= 0) return this.random.chance(0.5) ? this.path(0) : this.constant(0);
    switch (this.random.below(14)) {
      case 0:
      case 1:
        return `(${this.path(depth)})`;
      case 2:
      case 3:
        return this.constant(depth);
      case 4:
        return `(${this.value(depth - 1)} ${this.pick('+', '-', '*', '/', '%', '+', '+')} ${this.value(depth - 1)})`;
      case 5:
        return `[${this.value(depth - 1)}]`;
      case 6:
        return `{${this.entryKey()}: ${this.term(this.value(depth - 1))}}`;
      case 7:
        return this.text(depth - 1);
      case 8:
        return `(${this.value(depth - 1)} // ${this.value(depth - 1)})`;
      case 9:
        return this.pick(
          'length',
          'keys?',
          'tojson',
          'type',
          'tostring',
          'add?',
          'not',
          'to_entries?',
        );
      case 10:
        return `(${this.value(depth - 1)} | ${this.pick('length?', 'tojson', 'type', '[.]', '.[0]?', 'sort?')})`;
      case 11:
        return this.condition(depth - 1);
      case 12:
        return `(${this.value(depth - 1)}, ${this.value(depth - 1)})`;
      default:
        return `(${this.value(depth - 1)})?`;
    }
  }

  /** In parentheses unless it needs none. */
  term(expression: string): string {
    return /^[.$]?\w*$/.test(expression) && !/^\.\./.test(expression)
      ? expression
      : `(${expression})`;
  }

  /** An expression that sees a variable. */
  with(name: string, make: () => string): string {
    this.names.push(name);
    const made = make();
    this.names.pop();
    return made;
  }
}
