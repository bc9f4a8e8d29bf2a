/**
 * Runtime expressions inside texts.
 *
 * A text that is one `${ … }` from end to end is an expression and yields any value. A text with
 * expressions among other characters yields a text: `Order ${ .id } is late`. `$${` stands for the
 * characters `${`. The closing brace is found as jq reads it: braces in strings, comments and
 * object constructions do not close the expression.
 */
export type Interpolation =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'expression'; readonly part: ExpressionPart }
  | { readonly kind: 'text'; readonly parts: readonly (string | ExpressionPart)[] }
  /** An expression that starts at `offset` is never closed. */
  | { readonly kind: 'unclosed'; readonly offset: number };

/** A jq program and where it starts in the text around it. */
export interface ExpressionPart {
  readonly source: string;
  readonly offset: number;
}

export function interpolate(text: string): Interpolation {
  let opening = text.indexOf('${');
  if (opening === -1) return { kind: 'plain', text };
  const parts: (string | ExpressionPart)[] = [];
  let literal = '';
  let at = 0;
  for (; opening !== -1; opening = text.indexOf('${', at)) {
    if (opening > at && text.charAt(opening - 1) === '$') {
      literal += `${text.slice(at, opening - 1)}\${`;
      at = opening + 2;
      continue;
    }
    const end = closingBrace(text, opening + 2);
    if (end === undefined) return { kind: 'unclosed', offset: opening };
    literal += text.slice(at, opening);
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(trimmed(text, opening + 2, end));
    at = end + 1;
  }
  literal += text.slice(at);
  if (literal !== '') parts.push(literal);
  return classify(parts);
}

function classify(parts: readonly (string | ExpressionPart)[]): Interpolation {
  const expressions = parts.filter((part) => typeof part !== 'string');
  const [only] = expressions;
  if (only === undefined) return { kind: 'plain', text: parts.map(String).join('') };
  const bare = parts.every((part) => typeof part !== 'string' || part.trim() === '');
  if (bare && expressions.length === 1) return { kind: 'expression', part: only };
  return { kind: 'text', parts };
}

/** A bare expression (`if`, `when`, `in`, …), with or without `${ }` around it. */
export function bareExpression(text: string): ExpressionPart | { readonly unclosed: number } {
  if (!text.trimStart().startsWith('${')) return trimmed(text, 0, text.length);
  const found = interpolate(text);
  if (found.kind === 'expression') return found.part;
  return found.kind === 'unclosed' ? { unclosed: found.offset } : trimmed(text, 0, text.length);
}

function trimmed(text: string, start: number, end: number): ExpressionPart {
  const inner = text.slice(start, end);
  return { source: inner.trim(), offset: start + (inner.length - inner.trimStart().length) };
}

function closingBrace(text: string, start: number): number | undefined {
  /** What must close next, innermost last: `}` of a construction, `)` of a string interpolation. */
  const open: ('}' | ')' | '(')[] = [];
  let at = start;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"') {
      const end = endOfString(text, at + 1);
      if (end === undefined) return undefined;
      at = end.at;
      if (end.interpolates) open.push(')');
    } else if (character === '#') {
      const lineEnd = text.indexOf('\n', at);
      at = lineEnd === -1 ? at + 1 : lineEnd;
    } else if (character === '{') {
      open.push('}');
      at += 1;
    } else if (character === '(') {
      open.push('(');
      at += 1;
    } else if (character === '}') {
      if (open.length === 0) return at;
      if (open.at(-1) === '}') open.pop();
      at += 1;
    } else if (character === ')') {
      const closed = open.at(-1) === '}' ? undefined : open.pop();
      at += 1;
      if (closed !== ')') continue;
      const end = endOfString(text, at);
      if (end === undefined) return undefined;
      at = end.at;
      if (end.interpolates) open.push(')');
    } else at += 1;
  }
  return undefined;
}

/** Where a string ends, or where an interpolation `\(` in it begins. */
function endOfString(
  text: string,
  start: number,
): { readonly at: number; readonly interpolates: boolean } | undefined {
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') return { at: at + 1, interpolates: false };
    if (character !== '\\') continue;
    if (text.charAt(at + 1) === '(') return { at: at + 2, interpolates: true };
    at += 1;
  }
  return undefined;
}
