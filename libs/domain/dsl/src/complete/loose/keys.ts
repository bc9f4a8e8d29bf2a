import { isBlank } from './text.js';

/** A key as written: its text, where it ends, and where its colon stands. */
export interface WrittenKey {
  readonly text: string;
  readonly end: number;
  readonly colon: number;
}

/** The key that begins at `at`, when one does. */
export function keyAt(source: string, at: number, end: number): WrittenKey | undefined {
  const first = source.charCodeAt(at);
  if (first === 0x22 || first === 0x27) return quotedKey(source, at, end);
  if (first === 0x7b || first === 0x5b) return undefined;
  for (let next = at; next < end; next += 1) {
    const code = source.charCodeAt(next);
    if (code === 0x23 && next > at && isBlank(source.charCodeAt(next - 1))) return undefined;
    if (code !== 0x3a) continue;
    if (next + 1 < end && !isBlank(source.charCodeAt(next + 1))) continue;
    let keyEnd = next;
    while (keyEnd > at && isBlank(source.charCodeAt(keyEnd - 1))) keyEnd -= 1;
    return { text: source.slice(at, keyEnd), end: keyEnd, colon: next };
  }
  return undefined;
}

function quotedKey(source: string, at: number, end: number): WrittenKey | undefined {
  const close = closingQuote(source, at, end);
  if (close === undefined) return undefined;
  let colon = close + 1;
  while (colon < end && isBlank(source.charCodeAt(colon))) colon += 1;
  if (source.charCodeAt(colon) !== 0x3a || colon >= end) return undefined;
  return { text: unquoted(source.slice(at, close + 1)), end: close + 1, colon };
}

/** Where the quote that opens at `at` is closed. */
export function closingQuote(source: string, at: number, end: number): number | undefined {
  const quote = source.charCodeAt(at);
  for (let next = at + 1; next < end; next += 1) {
    const code = source.charCodeAt(next);
    if (quote === 0x22 && code === 0x5c) next += 1;
    else if (code === quote) {
      if (quote === 0x22 || source.charCodeAt(next + 1) !== quote) return next;
      next += 1;
    }
  }
  return undefined;
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  '0': '\0',
  e: '\u001b',
};

/** The text in quotes; line breaks in it are folded. */
export function unquoted(written: string): string {
  const body = written.slice(
    1,
    written.endsWith(written.charAt(0)) && written.length > 1 ? -1 : undefined,
  );
  const folded = body.includes('\n') ? fold(body) : body;
  if (written.startsWith("'")) return folded.replaceAll("''", "'");
  if (!folded.includes('\\')) return folded;
  return folded.replaceAll(
    /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/gs,
    (_, u: string | undefined, x: string | undefined, one = '') => {
      const code = u ?? x;
      if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
      return escapes[one as string] ?? String(one);
    },
  );
}

/** One line break is a space, and more are one less. */
export function fold(text: string): string {
  return text.replaceAll(/[ \t]*(\r?\n)(?:[ \t]*\r?\n)*[ \t]*/g, (breaks) => {
    const count = breaks.split('\n').length - 1;
    return count === 1 ? ' ' : '\n'.repeat(count - 1);
  });
}
