import { sourceLengthMax } from '../source/limits.js';

/** Beyond this many differing lines two texts are shown as replaced, not compared. */
const differencesMax = 2000;
const contextLines = 3;

interface Line {
  readonly kind: ' ' | '-' | '+';
  readonly text: string;
}

/** Unified diff of two texts; empty when they are equal. */
export function unifiedDiff(before: string, after: string): string {
  if (before === after) return '';
  if (Math.max(before.length, after.length) > sourceLengthMax) {
    return `\\ Texts of more than ${sourceLengthMax} characters are not compared\n`;
  }
  const lines = compare(linesOf(before), linesOf(after));
  const hunks = hunksOf(lines);
  return ['--- before', '+++ after', ...hunks, ''].join('\n');
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines.push(`${lines.pop() ?? ''}\n\\ No newline at end of text`);
  return lines;
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start])
    start += 1;
  let tail = 0;
  const rest = Math.min(before.length, after.length) - start;
  while (tail < rest && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]) => lines.map((text): Line => ({ kind: ' ', text }));
  return [
    ...same(before.slice(0, start)),
    ...shortestEdit(
      before.slice(start, before.length - tail),
      after.slice(start, after.length - tail),
    ),
    ...same(before.slice(before.length - tail)),
  ];
}

/** Myers' greedy algorithm; the trace of its frontiers gives the way back. */
function shortestEdit(before: readonly string[], after: readonly string[]): Line[] {
  const max = Math.min(before.length + after.length, differencesMax);
  const trace: Map<number, number>[] = [];
  let frontier = new Map<number, number>([[1, 0]]);
  for (let distance = 0; distance <= max; distance += 1) {
    const next = new Map<number, number>();
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      const down = at(frontier, diagonal + 1);
      const right = at(frontier, diagonal - 1) + 1;
      let x = diagonal === -distance || (diagonal !== distance && right - 1 < down) ? down : right;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal])
        x += 1;
      next.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) {
        return backtrack(before, after, [...trace, frontier]);
      }
    }
    trace.push(frontier);
    frontier = next;
  }
  return [
    ...before.map((text): Line => ({ kind: '-', text })),
    ...after.map((text): Line => ({ kind: '+', text })),
  ];
}

function backtrack(
  before: readonly string[],
  after: readonly string[],
  trace: readonly Map<number, number>[],
): Line[] {
  const lines: Line[] = [];
  let x = before.length;
  let y = after.length;
  for (let distance = trace.length - 1; distance >= 0; distance -= 1) {
    const frontier = trace[distance] ?? new Map<number, number>();
    const diagonal = x - y;
    const down = at(frontier, diagonal + 1);
    const right = at(frontier, diagonal - 1) + 1;
    const goesDown = diagonal === -distance || (diagonal !== distance && right - 1 < down);
    const startX = goesDown ? down : right - 1;
    const startY = startX - (goesDown ? diagonal + 1 : diagonal - 1);
    while (x > startX && y > startY && x > 0 && y > 0 && before[x - 1] === after[y - 1]) {
      x -= 1;
      y -= 1;
      lines.push({ kind: ' ', text: before[x] ?? '' });
    }
    if (distance === 0) break;
    if (goesDown) {
      y -= 1;
      lines.push({ kind: '+', text: after[y] ?? '' });
    } else {
      x -= 1;
      lines.push({ kind: '-', text: before[x] ?? '' });
    }
  }
  return lines.reverse();
}

function at(frontier: ReadonlyMap<number, number>, diagonal: number): number {
  return frontier.get(diagonal) ?? -1;
}

function hunksOf(lines: readonly Line[]): string[] {
  const shown = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (line.kind === ' ') continue;
    for (let near = index - contextLines; near <= index + contextLines; near += 1) shown.add(near);
  }
  const hunks: string[] = [];
  let [a, b] = [0, 0];
  let open: { a: number; b: number; lines: Line[] } | undefined;
  const close = () => {
    if (open === undefined) return;
    const old = open.lines.filter((line) => line.kind !== '+').length;
    const fresh = open.lines.filter((line) => line.kind !== '-').length;
    hunks.push(`@@ -${span(open.a, old)} +${span(open.b, fresh)} @@`);
    hunks.push(...open.lines.map((line) => `${line.kind}${line.text}`));
    open = undefined;
  };
  for (const [index, line] of lines.entries()) {
    if (shown.has(index)) (open ??= { a, b, lines: [] }).lines.push(line);
    else close();
    if (line.kind !== '+') a += 1;
    if (line.kind !== '-') b += 1;
  }
  close();
  return hunks;
}

function span(start: number, count: number): string {
  const first = count === 0 ? start : start + 1;
  return count === 1 ? String(first) : `${first},${count}`;
}
