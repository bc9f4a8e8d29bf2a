/** Folds the lines of a plain or single-quoted text: a break is a space, n breaks are n - 1 breaks. */
export function foldLines(text: string): string {
  const lines = text.split('\n');
  let folded = trimEnd(lines[0] ?? '');
  let breaks = 0;
  for (let index = 1; index < lines.length; index += 1) {
    breaks += 1;
    const line = trimStart(lines[index] ?? '');
    const last = index === lines.length - 1;
    const content = last ? line : trimEnd(line);
    if (content === '' && !last) continue;
    folded += folding(breaks) + content;
    breaks = 0;
  }
  return folded;
}

/** Folds the line breaks at an offset, with the white space between and behind them. */
export function foldBreaks(text: string, from: number): { fold: string; end: number } {
  let breaks = 0;
  let end = from;
  for (; end < text.length; end += 1) {
    const character = text.charAt(end);
    if (character === '\n') breaks += 1;
    else if (character !== ' ' && character !== '\t' && character !== '\r') break;
  }
  return { fold: folding(breaks), end };
}

/** What a number of line breaks means between two words. */
export function folding(breaks: number): string {
  return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1);
}

function trimEnd(line: string): string {
  return line.replace(/[ \t\r]+$/, '');
}

function trimStart(line: string): string {
  return line.replace(/^[ \t]+/, '');
}
