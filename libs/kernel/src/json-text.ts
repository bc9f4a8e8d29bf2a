import { isJsonObject, type Json, type JsonObject } from './json.js';
import { JsonNumber, numberFromText } from './json-number.js';
import { plainOrder, putMember } from './json-order.js';

/**
 * What makes a text go the slow way. Each may be found in a string, too, which does no harm but takes
 * time; so numbers are looked for only where one can begin.
 */
const NUMBER = /[:,[\s]-?(?:\d(?:[\d.]{15}|[\d.]{0,14}[eE][+-]?\d{3})|(?<=-)0(?:\.0+)?(?![.\d]))/;
/** Keys that look like array indices; a key may also be written in escapes. */
const INDEX_KEY = /"\d{1,10}"\s*:/;
const ESCAPED_DIGIT = /\\u003\d/;
/** The whole text. */
const LONE_NUMBER = /^\s*[-\d]/;

/** Whether `JSON.parse` could lose something of a JSON text. */
export function needsExactParsing(text: string): boolean {
  return (
    NUMBER.test(text) || INDEX_KEY.test(text) || ESCAPED_DIGIT.test(text) || LONE_NUMBER.test(text)
  );
}

/**
 * A JSON value from its text, without loss: numbers that a double cannot carry become a
 * `JsonNumber`, objects keep the order of their keys.
 *
 * @throws SyntaxError when the text is not JSON, with the position as `JSON.parse` reports it.
 */
export function parseJson(text: string): Json {
  const plain = JSON.parse(text) as Json;
  return needsExactParsing(text) ? new ExactReader(text).read() : plain;
}

const SPACE = /[ \t\r\n]*/y;
const WORD = /[-+.\w]+/y;
const BACKSLASH = 92;

interface Open {
  container: Json[] | JsonObject;
  key: string;
}

/** Reads a text that is known to be JSON. Without recursion: values may be nested to any depth. */
class ExactReader {
  private at = 0;
  private readonly open: Open[] = [];
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  read(): Json {
    for (;;) {
      let value = this.next();
      if (value === undefined) continue;
      for (;;) {
        const top = this.open.at(-1);
        if (top === undefined) return value;
        this.put(top, value);
        this.take(SPACE);
        const mark = this.text.charAt(this.at);
        this.at += 1;
        if (mark === ',') break;
        value = this.close();
      }
    }
  }

  /** A complete value, or undefined when a container was opened. */
  private next(): Json | undefined {
    this.take(SPACE);
    const top = this.open.at(-1);
    const mark = this.text.charAt(this.at);
    if (mark === ']' || mark === '}') {
      this.at += 1;
      return this.close();
    }
    if (top !== undefined && !Array.isArray(top.container)) {
      top.key = this.string();
      this.take(SPACE);
      this.at += 1;
      this.take(SPACE);
    }
    return this.value(this.text.charAt(this.at));
  }

  private value(mark: string): Json | undefined {
    if (mark === '[' || mark === '{') {
      this.at += 1;
      this.open.push({ container: mark === '[' ? [] : {}, key: '' });
      return undefined;
    }
    if (mark === '"') return this.string();
    const word = this.take(WORD);
    if (mark === '-' || (mark >= '0' && mark <= '9')) return asJson(numberFromText(word));
    return JSON.parse(word) as Json;
  }

  /** By hand: a regular expression runs out of stack on a string of some megabytes. */
  private string(): string {
    const from = this.at;
    let end = this.text.indexOf('"', from + 1);
    while (this.isEscaped(end)) end = this.text.indexOf('"', end + 1);
    this.at = end + 1;
    return JSON.parse(this.text.slice(from, this.at)) as string;
  }

  private isEscaped(quote: number): boolean {
    let first = quote;
    while (this.text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    return (quote - first) % 2 === 1;
  }

  private put(top: Open, value: Json): void {
    if (Array.isArray(top.container)) top.container.push(value);
    else top.container = putMember(top.container, top.key, value);
  }

  private close(): Json {
    const container = (this.open.pop() as Open).container;
    return Array.isArray(container) ? container : plainOrder(container);
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }
}

/** Exact numbers have no type of their own among JSON values. */
function asJson(number: number | JsonNumber): Json {
  return number as Json;
}

/** The JSON text of a value, without white space and without loss, of any depth. */
export function stringifyJson(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // The only value that JSON.stringify refuses is one that is nested too deep for it.
    if (error instanceof RangeError) return writeDeep(value);
    throw error;
  }
}

/** Writes without recursion. */
function writeDeep(value: Json): string {
  const parts: string[] = [];
  const stack: Frame[] = [];
  let current: Json | undefined = value;
  for (;;) {
    if (current !== undefined) {
      const frame = frameOf(current);
      if (frame === undefined) parts.push(JSON.stringify(current));
      else stack.push(frame);
    }
    const top = stack.at(-1);
    if (top === undefined) return parts.join('');
    current = advance(top, parts);
    if (current === undefined) stack.pop();
  }
}

interface Frame {
  readonly container: Json[] | JsonObject;
  /** Undefined for an array. */
  readonly keys: readonly string[] | undefined;
  at: number;
}

function frameOf(value: Json): Frame | undefined {
  if (Array.isArray(value)) return { container: value, keys: undefined, at: 0 };
  if (isJsonObject(value)) return { container: value, keys: Object.keys(value), at: 0 };
  return undefined;
}

/** Writes up to the next member and gives it; undefined at the end. */
function advance(frame: Frame, parts: string[]): Json | undefined {
  const { keys, at } = frame;
  const isArray = keys === undefined;
  const length = isArray ? (frame.container as Json[]).length : keys.length;
  if (at === 0) parts.push(isArray ? '[' : '{');
  if (at >= length) {
    parts.push(isArray ? ']' : '}');
    return undefined;
  }
  if (at > 0) parts.push(',');
  frame.at += 1;
  if (isArray) return (frame.container as Json[])[at] ?? null;
  const key = keys[at] as string;
  parts.push(JSON.stringify(key), ':');
  return (frame.container as JsonObject)[key] ?? null;
}
