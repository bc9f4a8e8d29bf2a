import { SyntaxFault, parse, type Ast } from '@parley/jq';
import { wordsOf } from '../language/stem.js';

/**
 * Conditions and lists of a definition as a reader would say them. They are read by the compiler's own
 * parser; what is of another shape than the planner writes gives undefined, and is shown as it is.
 */
export function conditionInWords(jq: string): string | undefined {
  const ast = read(jq);
  const test = ast === undefined ? undefined : testOf(ast, true);
  return test === undefined ? undefined : said(test);
}

/** Where the items of a loop come from. */
export function listInWords(jq: string): string | undefined {
  const ast = read(jq);
  return ast === undefined ? undefined : listOf(ast);
}

function read(jq: string): Ast | undefined {
  try {
    return parse(jq);
  } catch (error) {
    if (error instanceof SyntaxFault) return undefined;
    throw error;
  }
}

type Test =
  | { readonly kind: 'said'; readonly words: string }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Test[] };

function said(test: Test): string {
  if (test.kind === 'said') return test.words;
  const inner = (part: Test) =>
    part.kind !== 'said' && part.kind !== test.kind ? `(${said(part)})` : said(part);
  return test.parts.map(inner).join(` ${test.kind} `);
}

/** `holds` is false inside of a negation, which goes to the parts. */
function testOf(ast: Ast, holds: boolean): Test | undefined {
  switch (ast.kind) {
    case 'and':
    case 'or': {
      const parts = [testOf(ast.left, holds), testOf(ast.right, holds)];
      const known = parts.filter((part) => part !== undefined);
      if (known.length < parts.length) return undefined;
      return { kind: (ast.kind === 'and') === holds ? 'and' : 'or', parts: known };
    }
    case 'pipe':
      return isCall(ast.right, 'not') ? testOf(ast.left, !holds) : undefined;
    case 'binary':
      return comparisonOf(ast, holds);
    default: {
      const path = pathOf(ast);
      return path === undefined ? undefined : flagOf(path, holds);
    }
  }
}

interface Path {
  /** Where it begins: a step, the input, the item of a loop, or the value at hand. */
  readonly root:
    { readonly kind: 'step' | 'item'; readonly name: string } | { readonly kind: 'here' };
  readonly names: readonly string[];
}

function pathOf(ast: Ast): Path | undefined {
  if (ast.kind === 'identity') return { root: { kind: 'here' }, names: [] };
  if (ast.kind === 'variable') {
    return { root: { kind: 'item', name: ast.name.replace(/^\$/, '') }, names: [] };
  }
  if (ast.kind !== 'index') return undefined;
  const before = pathOf(ast.target);
  const name = literalOf(ast.key);
  if (before === undefined || typeof name !== 'string') return undefined;
  const [first] = before.names;
  if (before.root.kind === 'item' && first === undefined) {
    if (before.root.name === 'context') return { root: { kind: 'step', name }, names: [] };
    if (before.root.name === 'workflow' && name === 'input') {
      return { root: { kind: 'here' }, names: [] };
    }
  }
  return { ...before, names: [...before.names, name] };
}

function literalOf(ast: Ast): string | number | boolean | null | undefined {
  if (ast.kind === 'negate') {
    const value = literalOf(ast.operand);
    return typeof value === 'number' ? -value : undefined;
  }
  if (ast.kind === 'string') {
    const [text = '', ...others] = ast.parts;
    return typeof text === 'string' && others.length === 0 ? text : undefined;
  }
  if (ast.kind !== 'literal' || (typeof ast.value === 'object' && ast.value !== null)) {
    return undefined;
  }
  return ast.value;
}

function flagOf({ root, names }: Path, holds: boolean): Test | undefined {
  const name = nameOf(names);
  if (name === '') return undefined;
  if (root.kind === 'step') {
    if (names.length === 1 && names[0] === 'approved') {
      return saying(`${root.name} ${holds ? 'approves' : 'does not approve'}`);
    }
    return saying(`${root.name} ${holds ? 'says' : 'does not say'} ${name}`);
  }
  const of = root.kind === 'item' ? ` of the ${root.name}` : '';
  return saying(`${name}${of} is ${holds ? '' : 'not '}true`);
}

function saying(words: string): Test {
  return { kind: 'said', words };
}

/** `size.maxWidth` is "max width of the size". */
function nameOf(names: readonly string[]): string {
  const spoken = names.map((name) => wordsOf(name).join(' '));
  return spoken.toReversed().join(' of the ');
}

function valueOf(path: Path): string | undefined {
  const { root, names } = path;
  if (names.length === 0) return root.kind === 'here' ? undefined : `the ${root.name}`;
  const name = `the ${nameOf(names)}`;
  if (root.kind === 'here') return name;
  return root.kind === 'step' ? `${name} from ${root.name}` : `${name} of the ${root.name}`;
}

const comparisons: Readonly<Record<string, string>> = {
  '>': 'above ',
  '>=': 'at least ',
  '<': 'below ',
  '<=': 'at most ',
  '==': '',
  '!=': '',
};

type Binary = Extract<Ast, { readonly kind: 'binary' }>;

function comparisonOf(ast: Binary, holds: boolean): Test | undefined {
  const words = comparisons[ast.op];
  const right = literalOf(ast.right);
  if (words === undefined || right === undefined) return undefined;
  const isPositive = (ast.op !== '!=') === holds;
  const path = pathOf(ast.left);
  const special = path === undefined ? absence(ast, isPositive) : decision(path, right, isPositive);
  if (special !== undefined) return special;
  const value = path === undefined ? sizeOf(ast.left) : valueOf(path);
  if (value === undefined) return undefined;
  const shown = typeof right === 'string' ? `"${right}"` : String(right);
  return saying(`${value} is ${isPositive ? '' : 'not '}${words}${shown}`);
}

/** `approved` of a person's decision, which may not have been asked for. */
function decision({ root, names }: Path, right: unknown, isPositive: boolean): Test | undefined {
  if (root.kind !== 'step' || names.length !== 1 || names[0] !== 'approved' || right !== false) {
    return undefined;
  }
  return saying(`${root.name} ${isPositive ? 'refuses' : 'does not refuse'}`);
}

/** `(x // "") == ""`, and `(x | length) > 0`. */
function absence({ op, left, right }: Binary, isPositive: boolean): Test | undefined {
  const compared = literalOf(right);
  if (left.kind === 'alternative' && literalOf(left.right) === '' && compared === '') {
    const path = pathOf(left.left);
    const value = path === undefined ? undefined : valueOf(path);
    if (value === undefined || (op !== '==' && op !== '!=')) return undefined;
    return saying(`${value} is ${isPositive ? 'missing' : 'given'}`);
  }
  if (left.kind !== 'pipe' || !isCall(left.right, 'length') || compared !== 0) return undefined;
  const path = pathOf(left.left);
  const list = path === undefined ? undefined : valueOf(path);
  if (list === undefined || (op !== '>' && op !== '==')) return undefined;
  return saying(`${list} ${(op === '==') === isPositive ? 'is empty' : 'is not empty'}`);
}

function sizeOf(ast: Ast): string | undefined {
  if (ast.kind !== 'pipe' || !isCall(ast.right, 'length')) return undefined;
  const path = pathOf(ast.left);
  const list = path === undefined ? undefined : valueOf(path);
  return list === undefined ? undefined : `the number of ${list.replace(/^the /, '')}`;
}

function listOf(ast: Ast): string | undefined {
  if (ast.kind === 'pipe' && ast.right.kind === 'call' && ast.right.name === 'map') {
    const [select] = ast.right.args;
    const kept = select?.kind === 'call' && select.name === 'select' ? select.args[0] : undefined;
    const list = listOf(ast.left);
    const test = kept === undefined ? undefined : testOf(kept, true);
    return list === undefined || test === undefined ? undefined : `${list} where ${said(test)}`;
  }
  const path = pathOf(ast);
  if (path === undefined) return undefined;
  if (path.root.kind === 'step' && path.names.length === 0) return `what ${path.root.name} gives`;
  return valueOf(path);
}

function isCall(ast: Ast, name: string): boolean {
  return ast.kind === 'call' && ast.name === name && ast.args.length === 0;
}

/**
 * A change told with its expressions in words. Where one was cut short, it is left out, and `now` says
 * what the condition is after the change.
 */
export function changeInWords(summary: string, now?: string): string {
  const inWords = /\bcondition\b/.test(summary) ? conditionInWords : listInWords;
  const worded = summary.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => {
    const text: unknown = isExpression(quoted) ? JSON.parse(quoted) : undefined;
    if (typeof text !== 'string') return quoted;
    const words = inWords(text.replace(/^\$\{(.*)\}$/s, '$1'));
    return words === undefined ? quoted : `"${words}"`;
  });
  if (!isExpression(worded)) return worded;
  const short = worded.replace(/(?:: | from )".*$/s, '');
  const words = now === undefined ? undefined : conditionInWords(now);
  return words === undefined ? short : `${short}: "${words}"`;
}

function isExpression(text: string): boolean {
  return /\$(?:context|workflow)\b/.test(text);
}
