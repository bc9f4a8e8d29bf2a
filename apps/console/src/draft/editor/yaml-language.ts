import {
  foldService,
  indentService,
  LanguageSupport,
  StreamLanguage,
  type StringStream,
} from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import { tags } from '@lezer/highlight';

/**
 * Colours, folding and indentation of definitions, line by line. A full YAML grammar parses on from
 * every change to the end of the text, which blocks the page in large ones; lines need what is in
 * view only. Expressions have colours of their own.
 */
interface State {
  /** Indentation of what a block text belongs to; lines that are deeper are text. */
  block: number | undefined;
  /** Open brackets. */
  flow: number;
  /** The quote that an open text ends with. */
  quote: string;
  expression: Expression | undefined;
  /** The key whose value comes next. */
  key: string;
  /** Indentation of the line. */
  indent: number;
}

interface Expression {
  /** In `${ }`; else it ends with its value. */
  readonly inBraces: boolean;
  depth: number;
  inText: boolean;
}

/** Members whose values are expressions without `${ }`. */
const bareKeys = new Set([
  'if',
  'when',
  'exceptWhen',
  'while',
  'until',
  'in',
  'from',
  'as',
  'expect',
]);
const jqWords =
  /^(?:if|then|elif|else|end|and|or|not|as|reduce|foreach|try|catch|def|true|false|null)\b/;

const definitions = StreamLanguage.define<State>({
  name: 'definition',
  startState: () => ({
    block: undefined,
    flow: 0,
    quote: '',
    expression: undefined,
    key: '',
    indent: 0,
  }),
  copyState: (state) => ({
    ...state,
    expression: state.expression && { ...state.expression },
  }),
  token: (stream, state) => {
    if (stream.sol()) beginLine(stream, state);
    if (stream.eatSpace()) return null;
    if (state.expression !== undefined) return expressionToken(stream, state, state.expression);
    if (state.block !== undefined) return textToken(stream, state, /^[^$]+/);
    if (state.quote !== '') return quotedToken(stream, state);
    return plainToken(stream, state);
  },
  tokenTable: { jqVariable: tags.special(tags.variableName), jqPath: tags.variableName },
  languageData: {
    commentTokens: { line: '#' },
    closeBrackets: { brackets: ['(', '[', '{', "'", '"'] },
  },
});

function beginLine(stream: StringStream, state: State): void {
  const isBlank = /^\s*$/.test(stream.string);
  if (!isBlank) state.indent = stream.indentation();
  const isOver = state.block !== undefined && !isBlank && state.indent <= state.block;
  if (isOver) state.block = undefined;
  if (state.expression?.inBraces === false && state.block === undefined)
    state.expression = undefined;
  if (isOver) state.expression = undefined;
  if (state.flow === 0 && state.quote === '' && state.block === undefined) state.key = '';
}

function plainToken(stream: StringStream, state: State): string | null {
  if (stream.match(/^#.*/)) return 'comment';
  if (stream.match(/^[-?](?=\s|$)/)) return 'punctuation';
  if (stream.match(/^(?:---|\.\.\.)\s*$/)) return 'meta';
  if (stream.match(/^[[{]/)) {
    state.flow += 1;
    return 'punctuation';
  }
  if (stream.match(/^[\]}]/)) {
    state.flow = Math.max(0, state.flow - 1);
    return 'punctuation';
  }
  if (stream.match(/^,/)) return 'punctuation';
  if (stream.match(/^:(?=\s|$|[,\]}])/)) return 'punctuation';
  const key = stream.match(
    /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#"'[\]{},][^#[\]{},]*?)(?=\s*:(?:\s|$))/,
  );
  if (typeof key === 'object' && key !== null) {
    state.key = (key[0] ?? '').replaceAll(/["']/g, '');
    return 'propertyName';
  }
  return valueToken(stream, state);
}

function valueToken(stream: StringStream, state: State): string | null {
  if (state.key !== '' && stream.match(/^[|>][-+0-9]*\s*(?=#|$)/)) {
    state.block = state.indent;
    if (bareKeys.has(state.key)) state.expression = { inBraces: false, depth: 0, inText: false };
    return 'meta';
  }
  const quote = stream.match(/^["']/, false) ? (stream.next() ?? '') : '';
  if (quote !== '') {
    state.quote = quote;
    if (isBare(stream, state)) state.expression = { inBraces: false, depth: 0, inText: false };
    return 'string';
  }
  if (/(?:^|[\s[{,])$/.test(stream.string.slice(0, stream.pos))) {
    if (stream.match(/^(?:true|false|null|~)(?=\s*(?:$|[,\]}#]))/)) return 'atom';
    if (stream.match(/^[-+]?\d[\d.eE+-]*(?=\s*(?:$|[,\]}#]))/)) return 'number';
  }
  if (isBare(stream, state)) {
    state.expression = { inBraces: false, depth: 0, inText: false };
    return expressionToken(stream, state, state.expression);
  }
  return textToken(stream, state, state.flow > 0 ? /^[^,\]}$#]+/ : /^[^$#]+/);
}

function isBare(stream: StringStream, { key }: State): boolean {
  return bareKeys.has(key) && !stream.match(/^\s*\$\{/, false);
}

function quotedToken(stream: StringStream, state: State): string {
  if (stream.match(state.quote)) {
    state.quote = '';
    return 'string';
  }
  return (
    textToken(stream, state, state.quote === '"' ? /^(?:[^"\\$]|\\.)+/ : /^(?:[^'$]|'')+/) ??
    'string'
  );
}

/** Text, up to the next expression in it. */
function textToken(stream: StringStream, state: State, plain: RegExp): string | null {
  if (stream.match('$${')) return 'string';
  if (stream.match('${')) {
    state.expression = { inBraces: true, depth: 0, inText: false };
    return 'meta';
  }
  if (!stream.match(plain)) stream.next();
  return 'string';
}

function expressionToken(
  stream: StringStream,
  state: State,
  expression: Expression,
): string | null {
  if (expression.inText) {
    stream.match(/^(?:[^"\\]|\\.)+/);
    if (stream.match(/^\\?"/)) expression.inText = false;
    else if (!stream.eol()) stream.next();
    return 'string';
  }
  if (endsValue(stream, state, expression)) {
    state.expression = undefined;
    return expression.inBraces ? (stream.next(), 'meta') : null;
  }
  if (stream.match(/^\\?"/)) {
    expression.inText = true;
    return 'string';
  }
  if (stream.match(/^#.*/)) return 'comment';
  if (stream.match(/^[({[]/)) {
    expression.depth += 1;
    return 'punctuation';
  }
  if (stream.match(/^[)}\]]/)) {
    expression.depth = Math.max(0, expression.depth - 1);
    return 'punctuation';
  }
  if (stream.match(/^\$\w+/)) return 'jqVariable';
  if (stream.match(/^\.[A-Za-z_]\w*/)) return 'jqPath';
  if (stream.match(/^\d[\d.]*/)) return 'number';
  if (stream.match(jqWords)) return 'keyword';
  if (stream.match(/^@?[A-Za-z_]\w*/)) return 'operatorKeyword';
  stream.next();
  return 'operator';
}

/** Whether the expression is over here: at its brace, its quote, or the next value in brackets. */
function endsValue(stream: StringStream, { flow, quote }: State, expression: Expression): boolean {
  if (expression.depth > 0) return false;
  if (expression.inBraces) return stream.peek() === '}';
  if (quote !== '') return stream.peek() === quote;
  return flow > 0 && /[,}\]]/.test(stream.peek() ?? '');
}

/** How far a line is indented; undefined when it says nothing. */
function indentOf(text: string): number | undefined {
  const match = /^(\s*)\S/.exec(text);
  return match?.[1]?.length;
}

/** Whether a line is indented deeper than `indent`, or blank; this is asked of every line of a fold. */
function isDeeper(text: string, indent: number): boolean {
  for (let at = 0; at <= indent; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x09) return Number.isNaN(code);
  }
  return true;
}

/** Lines that are indented deeper than a line are folded into it. */
const folding = foldService.of((state, from, to) => {
  const indent = indentOf(state.sliceDoc(from, to));
  if (indent === undefined || to >= state.doc.length) return null;
  let end = to;
  let at = to + 1;
  const lines = state.doc.iterLines(state.doc.lineAt(from).number + 1);
  for (const text of lines) {
    if (!isDeeper(text, indent)) break;
    at += text.length + 1;
    if (text.trim() !== '') end = at - 1;
  }
  return end > to ? { from: to, to: end } : null;
});

/** A new line goes deeper behind a colon, and otherwise stays at what the line before begins with. */
const indentation = indentService.of((context, at) => {
  const before = lineBefore(context.state, at);
  if (before === undefined) return 0;
  const [lead = ''] = /^[\s-]*/.exec(before) ?? [];
  const isItem = lead.includes('-');
  if (/:\s*(?:#.*)?$|[:]\s+[|>][-+0-9]*\s*$/.test(before)) return lead.length + 2;
  return isItem ? lead.indexOf('-') : lead.length;
});

function lineBefore(state: EditorState, at: number): string | undefined {
  for (let { number } = state.doc.lineAt(at); number > 0; number -= 1) {
    const line = state.doc.line(number);
    const text = state.sliceDoc(line.from, Math.min(line.to, at));
    if (text.trim() !== '') return text;
  }
  return undefined;
}

export const definitionLanguage = new LanguageSupport(definitions, [folding, indentation]);
