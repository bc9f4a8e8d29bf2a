import { JsonProblem, parseJsonStream } from '@parley/jq';
import type { Json } from '@parley/kernel';
import { endOfString } from './json-strings.js';

/** A value of a stream and where it stands; lines and columns count from 1. */
export interface StreamValue {
  readonly value: Json;
  readonly line: number;
  readonly column: number;
}

/** A stream that is no JSON from here on. */
export class StreamError extends Error {
  override readonly name = 'StreamError';

  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(message);
  }
}

/* eslint-disable no-control-regex -- RFC 7464 puts a record separator before values */
const space = /[\s\u001e\ufeff]*/y;
const word = /[^\s\u001e,:[\]{}"]+/y;
/* eslint-enable no-control-regex */
/** What opens and closes lists and objects, and what may hide it. */
const structure = /["[\]{}]/g;

/** JSON values one after the other, with or without white space between them. */
export function* jsonValues(input: string): Generator<StreamValue> {
  const lines = new Lines(input);
  let at = skip(space, input, 0);
  while (at < input.length) {
    const end = endOfValue(input, at);
    const place = lines.at(at);
    if (end === undefined)
      throw new StreamError('this JSON value is not finished', place.line, place.column);
    yield { value: valueOf(input.slice(at, end), place), ...place };
    at = skip(space, input, end);
  }
}

/** As jq reads it: numbers keep their spelling, `nan` is one. */
function valueOf(
  part: string,
  { line, column }: { readonly line: number; readonly column: number },
): Json {
  try {
    const [only, second] = [...parseJsonStream(part)];
    if (only !== undefined && second === undefined) return only;
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    throw new StreamError(`this is not JSON (${error.message})`, line, column);
  }
  throw new StreamError('this is not JSON', line, column);
}

/** Where a value that begins at `at` ends; undefined when it does not. */
function endOfValue(input: string, at: number): number | undefined {
  const first = input.charAt(at);
  if (first === '"') return endOfString(input, at);
  if (first !== '[' && first !== '{') return Math.max(skip(word, input, at), at + 1);
  structure.lastIndex = at;
  let depth = 0;
  for (let found = structure.exec(input); found !== null; found = structure.exec(input)) {
    const [mark] = found;
    if (mark === '"') {
      const end = endOfString(input, found.index);
      if (end === undefined) return undefined;
      structure.lastIndex = end;
    } else depth += mark === '[' || mark === '{' ? 1 : -1;
    if (depth === 0) return structure.lastIndex;
  }
  return undefined;
}

function skip(pattern: RegExp, input: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(input)?.[0].length ?? 0);
}

/** Places are asked for in order, so each line is counted once. */
class Lines {
  private line = 1;
  private start = 0;

  constructor(private readonly input: string) {}

  at(offset: number): { line: number; column: number } {
    for (
      let next = this.input.indexOf('\n', this.start);
      next !== -1 && next < offset;
      next = this.input.indexOf('\n', this.start)
    ) {
      this.line += 1;
      this.start = next + 1;
    }
    return { line: this.line, column: offset - this.start + 1 };
  }
}
