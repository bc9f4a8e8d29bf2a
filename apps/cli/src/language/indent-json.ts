import { endOfString } from './json-strings.js';

const closing = { '[': ']', '{': '}' } as const;
const scalar = /[^[\]{},:"]+/y;

/** Compact JSON text in lines, as jq writes it. */
export function indentJson(compact: string, indent: string): string {
  const parts: string[] = [];
  let depth = 0;
  let opened: ']' | '}' | undefined;
  const newLine = () => parts.push('\n', indent.repeat(depth));
  for (const token of tokensOf(compact)) {
    const isEmpty = token === opened;
    if (token === ']' || token === '}') depth -= 1;
    // Nothing stands inside of an empty list or object, not even a new line.
    if (!isEmpty && (opened !== undefined || token === ']' || token === '}')) newLine();
    opened = undefined;
    parts.push(token === ':' ? ': ' : token);
    if (token === '[' || token === '{') {
      depth += 1;
      opened = closing[token];
    } else if (token === ',') newLine();
  }
  return parts.join('');
}

function* tokensOf(compact: string): Generator<string> {
  for (let at = 0; at < compact.length;) {
    const end = endOfToken(compact, at);
    yield compact.slice(at, end);
    at = end;
  }
}

function endOfToken(compact: string, at: number): number {
  if (compact.charAt(at) === '"') return endOfString(compact, at) ?? compact.length;
  scalar.lastIndex = at;
  return at + (scalar.exec(compact)?.[0].length ?? 1);
}
