/** What a plain scalar may be. */
export type PlainValue = null | boolean | number | string;

const words: ReadonlyMap<string, null | boolean> = new Map<string, null | boolean>([
  ...['~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

/** The value of a plain scalar by the core schema of YAML 1.2. */
export function plainValue(text: string): PlainValue {
  const first = text.charCodeAt(0);
  // Digits, signs and the dot begin numbers.
  if (first <= 0x39 && first >= 0x2b) return numberOf(text) ?? text;
  if (text.length > 5) return text;
  const word = words.get(text);
  return word === undefined ? text : word;
}

const integer = /^[-+]?\d+$/;
const octal = /^0o[0-7]+$/;
const hexadecimal = /^0x[\da-fA-F]+$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const special = /^(?:[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/;

function numberOf(text: string): number | undefined {
  if (integer.test(text)) return Number.parseInt(text, 10);
  if (float.test(text)) return Number.parseFloat(text);
  if (octal.test(text)) return Number.parseInt(text.slice(2), 8);
  if (hexadecimal.test(text)) return Number.parseInt(text.slice(2), 16);
  return special.test(text) ? Number.NaN : undefined;
}

/** An integer whose digits a double cannot carry. */
export function losesDigits(text: string, value: number): boolean {
  return text.length >= 16 && /^[-+]?\d{16,}$/.test(text) && BigInt(text) !== BigInt(value);
}
