/** End of the line that `at` stands on, without its line break. */
export function lineEndAt(source: string, at: number): number {
  const found = source.indexOf('\n', at);
  if (found === -1) return source.length;
  return found > at && source.charCodeAt(found - 1) === 0x0d ? found - 1 : found;
}

/** Start of the line after the one that ends at `end`. */
export function nextLineAt(source: string, end: number): number {
  const found = source.indexOf('\n', end);
  return found === -1 ? source.length : found + 1;
}

/** Start of the line that `at` stands on. */
export function lineStartAt(source: string, at: number): number {
  return at === 0 ? 0 : source.lastIndexOf('\n', at - 1) + 1;
}

/** A space or a tab. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

export function skipBlanks(source: string, at: number, end: number): number {
  let next = at;
  while (next < end && isBlank(source.charCodeAt(next))) next += 1;
  return next;
}

/** Whether a comment begins at `at`, or the line ends. */
export function isLineRest(source: string, at: number, end: number): boolean {
  return at >= end || source.charCodeAt(at) === 0x23;
}

/** The next line that says anything: where its text begins, and how far it is indented. */
export function nextContent(
  source: string,
  from: number,
): { readonly start: number; readonly at: number; readonly end: number } | undefined {
  let start = from;
  while (start < source.length) {
    const end = lineEndAt(source, start);
    const at = skipBlanks(source, start, end);
    if (!isLineRest(source, at, end)) return { start, at, end };
    start = nextLineAt(source, end);
  }
  return undefined;
}
