import { type Cursor } from './cursor.js';
import { type Duration } from './intents.js';
import { units } from './markers.js';

export function durationAt(
  cursor: Cursor,
  at: number,
): { readonly duration: Duration; readonly length: number } | undefined {
  let from = at;
  while (
    /^(?:for|another|about|around|at|least|a|an)$/.test(cursor.tokens[from]?.lower ?? '') &&
    from < at + 3
  )
    from += 1;
  const number = cursor.tokens[from];
  const single = cursor.tokens[from - 1]?.lower;
  const implied = number?.value === undefined && (single === 'a' || single === 'an');
  if (
    number?.lower === 'half' &&
    cursor.tokens[from + 1]?.lower === 'an' &&
    cursor.tokens[from + 2]?.lower === 'hour'
  ) {
    return { duration: { minutes: 30 }, length: from + 3 - at };
  }
  const unitToken = implied ? number : cursor.tokens[from + 1];
  const unit = units.exec(unitToken?.lower ?? '')?.[1];
  if (unit === undefined || (!implied && number?.value === undefined)) return undefined;
  const amount = implied ? 1 : (number?.value ?? 1);
  const length = from + (implied ? 1 : 2) - at;
  return { duration: durationOf(amount, unit), length };
}

/** "if it fails, retry up to 3 times" */
export function retryAfterFailure(cursor: Cursor): number | undefined {
  const text = cursor.tokens
    .slice(cursor.at)
    .map((token) => token.lower)
    .join(' ');
  const match =
    /^,? ?(?:then )?(?:please )?(?:re-?try|try)(?: (?:it|that|again|the call))*(?: for)?(?: (?:up to|at most|a maximum of))? (\w+)(?: more)?(?: times| attempts)?/.exec(
      text,
    );
  if (match === null) return undefined;
  const token = cursor.tokens.slice(cursor.at).find((one) => one.lower === match[1]);
  const retries = match[1] === 'once' ? 1 : token?.value;
  if (retries === undefined) return undefined;
  cursor.at += match[0].split(' ').length;
  return retries;
}

function durationOf(amount: number, unit: string): Duration {
  if (unit === 'week') return { days: amount * 7 };
  const long =
    unit === 'sec' ? 'second' : unit === 'min' ? 'minute' : unit === 'hr' ? 'hour' : unit;
  return { [`${long}s`]: amount };
}
