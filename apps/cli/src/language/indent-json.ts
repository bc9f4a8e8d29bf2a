const tokens = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^[\]{},:"]+/g;
const closing = { '[': ']', '{': '}' } as const;

/** Compact JSON text in lines, as jq writes it. */
export function indentJson(compact: string, indent: string): string {
  const parts: string[] = [];
  let depth = 0;
  let opened: ']' | '}' | undefined;
  const newLine = () => parts.push('\n', indent.repeat(depth));
  for (const [token] of compact.matchAll(tokens)) {
    if (token === opened) {
      // Nothing stood inside.
      depth -= 1;
      parts.push(token);
      opened = undefined;
      continue;
    }
    if (opened !== undefined) newLine();
    opened = undefined;
    if (token === '[' || token === '{') {
      parts.push(token);
      depth += 1;
      opened = closing[token];
    } else if (token === ']' || token === '}') {
      depth -= 1;
      newLine();
      parts.push(token);
    } else if (token === ',') {
      parts.push(token);
      newLine();
    } else parts.push(token === ':' ? ': ' : token);
  }
  return parts.join('');
}
