import { err, ok, parseJson as readExactly, type Json, type Result } from '@parley/kernel';

/** Where and why a text is not JSON; lines and columns count from 1. */
export interface JsonFault {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Reads JSON without loss; unlike the browser's own errors, the fault always has a place. */
export function parseJson(text: string): Result<Json, JsonFault> {
  try {
    return ok(readExactly(text));
  } catch {
    const { offset, message } = firstFault(text);
    const before = text.slice(0, offset).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    return err({ offset, line: before.length, column, message });
  }
}

const spacePattern = /[ \t\n\r]*/y;
const stringPattern = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const scalarPattern = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

class Fault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

function firstFault(text: string): { offset: number; message: string } {
  try {
    const end = skip(spacePattern, text, value(text, skip(spacePattern, text, 0)));
    return { offset: end, message: 'the value has ended, but more text follows' };
  } catch (fault) {
    if (fault instanceof Fault) return fault;
    // Nested deeper than the scanner's stack.
    return { offset: 0, message: 'this is not JSON' };
  }
}

/** @returns the offset after what matches at `at`; `at` itself when nothing does */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function value(text: string, at: number): number {
  const first = text[at];
  if (first === undefined) throw new Fault(at, 'a value is missing');
  if (first === '{') return list(text, at, '}');
  if (first === '[') return list(text, at, ']');
  if (first === '"') return string(text, at);
  const end = skip(scalarPattern, text, at);
  if (end > at) return end;
  throw new Fault(at, `${quote(text, at)} is not a value; texts need double quotes`);
}

function string(text: string, at: number): number {
  const end = skip(stringPattern, text, at);
  if (end > at) return end;
  if (text[at] !== '"') throw new Fault(at, 'a name in double quotes is expected');
  throw new Fault(at, 'this text is not closed, or has a character that must be escaped');
}

function list(text: string, open: number, close: '}' | ']'): number {
  let at = skip(spacePattern, text, open + 1);
  if (text[at] === close) return at + 1;
  for (;;) {
    if (close === '}') {
      at = skip(spacePattern, text, string(text, at));
      if (text[at] !== ':') throw new Fault(at, 'a colon is expected after the name');
      at = skip(spacePattern, text, at + 1);
    }
    at = skip(spacePattern, text, value(text, at));
    if (text[at] === close) return at + 1;
    if (text[at] !== ',') throw new Fault(at, `a comma or ${close} is expected`);
    at = skip(spacePattern, text, at + 1);
    if (text[at] === close) throw new Fault(at, 'there is a comma too many before this');
  }
}

function quote(text: string, at: number): string {
  return /[\w$.+-]+|./suy.exec(text.slice(at, at + 40))?.[0] ?? '';
}
