import { AppError, type ErrorDetail, parseJson } from '@parley/kernel';

export const jsonMediaType = /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/i;

export function isJsonMediaType(contentType: string | undefined): boolean {
  return contentType !== undefined && jsonMediaType.test(contentType);
}

/** Deeper bodies would exhaust the stack of whoever walks through them. */
const bodyDepthMax = 500;

/**
 * Reads a request body. Nothing at all is "no body", so that clients may send the header with every
 * POST. Numbers keep their digits and objects the order of their keys. What could not be kept as it is,
 * is refused here: better said than silently changed.
 * @throws AppError `malformed`
 */
export function readJsonBody(bytes: Uint8Array): unknown {
  const text = decoded(bytes);
  if (text.trim() === '') return undefined;
  const value = parsed(text);
  const mayHoldHalves = /\\u(?:0000|d[89a-f])/i.test(text);
  if (text.length > 2 * bodyDepthMax || mayHoldHalves) demandStorable(value);
  return value;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('malformed', 'The body is not UTF-8 text; send JSON in UTF-8.', { cause });
  }
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new AppError('malformed', `The body is not JSON${placeOf(String(cause))}.`, { cause });
  }
}

/** The parser's message can quote the body, which can hold a credential: only the place is told. */
function placeOf(message: string): string {
  if (message.includes('end of JSON input')) return ': it ends too early';
  const place = /at position (\d+(?: \(line \d+ column \d+\))?)/.exec(message)?.[1];
  return place === undefined ? '' : `: see position ${place}`;
}

interface Place {
  readonly value: unknown;
  readonly depth: number;
  readonly key: string;
  readonly parent?: Place;
}

/** Without recursion, because depth is what it guards against. */
function demandStorable(body: unknown): void {
  const left: Place[] = [{ value: body, depth: 0, key: '' }];
  for (let place = left.pop(); place !== undefined; place = left.pop()) {
    const { value, depth, key } = place;
    if (!isStorable(key) || (typeof value === 'string' && !isStorable(value))) {
      throw refusal(unstorable, [{ pointer: pointerOf(place), message: unstorable }]);
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= bodyDepthMax) {
      throw refusal(`The body is nested deeper than ${bodyDepthMax} levels; flatten it.`);
    }
    for (const [name, member] of Object.entries(value)) {
      left.push({ value: member, depth: depth + 1, key: name, parent: place });
    }
  }
}

const unstorable =
  'The body has text with the character U+0000 or half of a surrogate pair, which cannot be kept; remove it.';

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function pointerOf(place: Place): string {
  let pointer = '';
  for (let at = place; at.parent !== undefined; at = at.parent) {
    const key = at.key.replaceAll('\0', '\ufffd').toWellFormed();
    pointer = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}${pointer}`;
  }
  return pointer;
}

function refusal(message: string, errors: ErrorDetail[] = []): AppError {
  return new AppError('malformed', message, { errors });
}
