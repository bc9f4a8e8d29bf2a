const NUMBER = /^[ \t\r\n]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;
const NAN = /^[+-]?nan$/i;

/** A number as jq reads it from a string: `.5` and `+1` too. Undefined when it is not one. */
export function parseNumber(text: string): number | undefined {
  if (NAN.test(text)) return Number.NaN;
  const digits = NUMBER.exec(text)?.[1];
  return digits === undefined || text.trimStart() !== text ? undefined : Number(digits);
}
