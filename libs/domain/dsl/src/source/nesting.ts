import { sourceDepthMax } from './limits.js';

/**
 * Where the nesting is certainly too deep for the recursive composer. Brackets in strings count too,
 * so a text with that many unbalanced ones is refused; no real definition has them.
 */
export function tooDeepAt(source: string): number | undefined {
  let flow = 0;
  const indents: number[] = [];
  for (let at = 0; at < source.length; at += 1) {
    const character = source.charCodeAt(at);
    if (character === 0x5b || character === 0x7b) flow += 1;
    else if (character === 0x5d || character === 0x7d) flow = Math.max(0, flow - 1);
    else if (at === 0 || source.charCodeAt(at - 1) === 0x0a) {
      const indent = indentationAt(source, at);
      while ((indents.at(-1) ?? -1) >= indent) indents.pop();
      indents.push(indent);
    } else if (isNestedDash(source, at)) indents.push(at - source.lastIndexOf('\n', at));
    if (flow > sourceDepthMax || indents.length > sourceDepthMax * 2) return at;
  }
  return undefined;
}

function indentationAt(source: string, lineStart: number): number {
  let at = lineStart;
  while (source.charCodeAt(at) === 0x20) at += 1;
  return at - lineStart;
}

/** A dash behind a dash on one line (`- - - x`) nests as well. */
function isNestedDash(source: string, at: number): boolean {
  return source.startsWith('- - ', at - 2) && at >= 2;
}
