/** A scalar that JavaScript has no type for. It passes through everything as it is. */
export abstract class JsonScalar {
  /** What `JSON.stringify` writes in its place. */
  abstract toJSON(): unknown;
}

/** ECMAScript has it, its type declarations not yet. */
const rawJson = (JSON as { rawJSON?: (text: string) => unknown }).rawJSON;

/** Under a symbol, so that it is no member of an object, and equality in tests sees it. */
const TEXT = Symbol('text');

/**
 * A JSON number that a double cannot carry, such as `12345678901234567890`, with its text. In the
 * type system it stands where any JSON value stands. `JSON.stringify` writes its text;
 * comparing or adding it in JavaScript uses the nearest double.
 *
 * N1 The text is canonical: digits without leading zeros and, beyond plain sizes, one exponent
 *    (`1E+400`). Trailing zeros stay.
 */
export class JsonNumber extends JsonScalar {
  private readonly [TEXT]: string;

  /** `text` must be canonical; `numberFromText` makes it so. */
  constructor(text: string) {
    super();
    this[TEXT] = text;
    Object.freeze(this);
  }

  /** The number in digits, exactly. */
  override toString(): string {
    return this[TEXT];
  }

  /** The nearest double; infinite when it is out of range. */
  override valueOf(): number {
    return nearestDouble(this[TEXT]);
  }

  override toJSON(): unknown {
    return rawJson === undefined ? this.valueOf() : rawJson(this[TEXT]);
  }
}

/** A decimal number: `digits` × 10^`exponent`, with a sign that zero has, too. */
export interface Decimal {
  readonly negative: boolean;
  /** Without leading zeros; zero is `0`. */
  readonly digits: string;
  readonly exponent: number;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Takes the text of a number apart. Undefined when it is none. */
export function decimalOf(text: string): Decimal | undefined {
  const found = NUMBER.exec(text);
  if (found === null) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = found;
  if (whole === '' && fraction === '') return undefined;
  const digits = (whole + fraction).replace(/^0+(?=\d)/, '');
  return { negative: sign === '-', digits, exponent: Number(power) - fraction.length };
}

/** Numbers below 0.000001 are written with an exponent. */
const PLAIN_POWER_MIN = -6;

/** N1 */
export function decimalText({ negative, digits, exponent }: Decimal): string {
  const sign = negative ? '-' : '';
  const power = exponent + digits.length - 1;
  if (exponent > 0 || power < PLAIN_POWER_MIN) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${sign}${digits.charAt(0)}${fraction}E${power < 0 ? '-' : '+'}${Math.abs(power)}`;
  }
  if (exponent === 0) return sign + digits;
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/** Digits that are enough to tell all doubles apart. */
const DOUBLE_DIGITS = 17;

/** The double of a number's text. As in jq it is rounded to 17 digits first. */
export function nearestDouble(text: string): number {
  if (text.length <= DOUBLE_DIGITS) return Number(text);
  const decimal = decimalOf(text);
  if (decimal === undefined || decimal.digits.length <= DOUBLE_DIGITS) return Number(text);
  const kept = roundHalfEven(decimal.digits);
  const exponent = decimal.exponent + decimal.digits.length - DOUBLE_DIGITS;
  return Number(`${decimal.negative ? '-' : ''}${kept}e${exponent}`);
}

function roundHalfEven(digits: string): bigint {
  const kept = BigInt(digits.slice(0, DOUBLE_DIGITS));
  const rest = digits.slice(DOUBLE_DIGITS);
  const half = `5${'0'.repeat(rest.length - 1)}`;
  const isUp = rest > half || (rest === half && kept % 2n === 1n);
  return isUp ? kept + 1n : kept;
}

/** The order of two numbers in canonical text: negative, 0 or positive. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const signA = signOf(a);
  const signB = signOf(b);
  if (signA !== signB) return signA - signB;
  if (signA === 0) return 0;
  const powerA = a.exponent + a.digits.length;
  const powerB = b.exponent + b.digits.length;
  if (powerA !== powerB) return powerA > powerB ? signA : -signA;
  const width = Math.max(a.digits.length, b.digits.length);
  const digitsA = a.digits.padEnd(width, '0');
  const digitsB = b.digits.padEnd(width, '0');
  if (digitsA === digitsB) return 0;
  return digitsA > digitsB ? signA : -signA;
}

function signOf({ negative, digits }: Decimal): number {
  if (digits === '0' || /^0+$/.test(digits)) return 0;
  return negative ? -1 : 1;
}

/** Integers of so many characters are always doubles. */
const SAFE_LENGTH = 15;

/**
 * A number from its JSON text: a double when that carries it exactly, else a `JsonNumber`. The sign
 * of zero is lost when a double is written, so negative zero is one, too.
 */
export function numberFromText(text: string): number | JsonNumber {
  const double = Number(text);
  const isShort = text.length <= SAFE_LENGTH && Number.isInteger(double);
  if (isShort && double !== 0) return double;
  const decimal = decimalOf(text);
  if (decimal === undefined) return double;
  const isPlain = isCarried(decimal, double) && !(double === 0 && decimal.negative);
  return isPlain ? double : new JsonNumber(decimalText(decimal));
}

/** Whether writing the double gives the number back. */
function isCarried(decimal: Decimal, double: number): boolean {
  const written = Number.isFinite(double) ? decimalOf(String(double)) : undefined;
  return written !== undefined && compareDecimals(decimal, written) === 0;
}

/** The number without needless zeros; its double, when that carries it. */
export function shortestNumber(number: JsonNumber): number | JsonNumber {
  const plain = plainNumber(number);
  const decimal = typeof plain === 'number' ? undefined : decimalOf(plain.toString());
  if (decimal === undefined) return plain;
  const digits = decimal.digits.slice(0, significantLength(decimal.digits));
  const exponent = decimal.exponent + decimal.digits.length - digits.length;
  return new JsonNumber(decimalText({ negative: decimal.negative, digits, exponent }));
}

/** Without the zeros at the end; a regular expression would try each run of zeros again and again. */
function significantLength(digits: string): number {
  let length = digits.length;
  while (length > 1 && digits.charCodeAt(length - 1) === ZERO) length -= 1;
  return length;
}

const ZERO = 48;

/** The double, when that carries the number exactly; else the number as it is. */
export function plainNumber(number: JsonNumber): number | JsonNumber {
  return numberFromText(number.toString());
}
