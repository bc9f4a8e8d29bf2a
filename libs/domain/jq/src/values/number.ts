import {
  compareDecimals,
  decimalOf,
  decimalText,
  JsonNumber,
  type Decimal,
  type Json,
} from '@parley/kernel';

/**
 * Numbers are doubles, or `JsonNumber`s: those that keep the text they were written in, because a
 * double has another (`1.0`, `1E+2`) or cannot carry it. Arithmetic makes doubles of both.
 */

/** A number in the type system of values. */
type JqNumber = number | JsonNumber;

export function isLiteral(value: unknown): value is JsonNumber {
  return value instanceof JsonNumber;
}

export function isNumber(value: Json): boolean {
  return typeof value === 'number' || isLiteral(value);
}

/** The double of a number; undefined for other values. */
export function asDouble(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  return isLiteral(value) ? Number(value) : undefined;
}

/** Beyond so many digits a double may be near to what was written, and not the same. */
const LITERAL_DIGITS = 15;

const POWER_MAX = 999_999_999;

/** The value of a number in a program or in JSON text. It keeps its text when a double has another. */
export function literal(text: string): Json | undefined {
  const decimal = decimalOf(text);
  return decimal === undefined ? undefined : literalOf(decimal);
}

function literalOf(decimal: Decimal): Json {
  if (decimal.exponent + decimal.digits.length - 1 > POWER_MAX && /[1-9]/.test(decimal.digits)) {
    return decimal.negative ? -Infinity : Infinity;
  }
  const written = decimalText(decimal);
  const double = Number(written);
  const isPlain = decimal.digits.length <= LITERAL_DIGITS && doubleText(double) === written;
  return isPlain && !Object.is(double, -0) ? double : asValue(new JsonNumber(written));
}

function asValue(number: JqNumber): Json {
  return number as Json;
}

/** The text of a double as a program's constant has it: the reverse of `literal`. */
function decimalOfNumber(value: JqNumber): Decimal | undefined {
  return decimalOf(isLiteral(value) ? value.toString() : doubleText(value));
}

/** Whether a number may stand in a text as it is; where numbers keep their text, others are computed. */
function isWritten(value: JqNumber, decimal: Decimal | undefined): boolean {
  return isLiteral(value) || (decimal?.digits.length ?? 0) <= LITERAL_DIGITS;
}

/**
 * The order of two numbers of which one or both keep their text: in all digits, unless one of them was
 * computed. `exact` is that of the evaluation.
 */
export function compareLiterals(a: JqNumber, b: JqNumber, exact: boolean): number {
  const x = decimalOfNumber(a);
  const y = decimalOfNumber(b);
  const areWritten = !exact || (isWritten(a, x) && isWritten(b, y));
  if (areWritten && x !== undefined && y !== undefined) return compareDecimals(x, y);
  // NaN or an infinity, which have no digits. NaN sorts below everything.
  const [p, q] = [a.valueOf(), b.valueOf()];
  if (Number.isNaN(p) || p < q) return -1;
  return p === q ? 0 : 1;
}

/** Unary minus. Zero has no sign to be turned: it most likely was written, not computed. */
export function negated(value: Json): Json | undefined {
  if (typeof value === 'number') return value === 0 ? 0 : -value;
  if (!isLiteral(value)) return undefined;
  const decimal = decimalOfNumber(value) as Decimal;
  const isZero = /^0+$/.test(decimal.digits);
  return literalOf({ ...decimal, negative: !decimal.negative && !isZero });
}

export function magnitude(value: JqNumber): Json {
  if (typeof value === 'number') return Math.abs(value);
  return literalOf({ ...(decimalOfNumber(value) as Decimal), negative: false });
}

/** In between, jq and JavaScript write the same. */
const SIMPLE_MIN = 1e-4;
const SIMPLE_MAX = 1e15;

/** Doubles of less than 0.0001 and of more than 15 zeros at the end take an exponent. */
const POINT_MIN = -4;
const ZEROS_MAX = 15;

/** A double as jq writes it: the shortest digits that read back the same. */
export function doubleText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  if (Number.isNaN(value)) return 'null';
  if (!Number.isFinite(value)) return doubleText(value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE);
  const size = Math.abs(value);
  if (size >= SIMPLE_MIN && size < SIMPLE_MAX) return String(value);
  const [mantissa = '', power = '0'] = size.toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const sign = value < 0 ? '-' : '';
  const exponent = Number(power);
  const point = exponent + 1;
  if (point <= POINT_MIN || point > digits.length + ZEROS_MAX) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const padded = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits.charAt(0)}${fraction}e${exponent < 0 ? '-' : '+'}${padded}`;
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (digits.length <= point) return sign + digits.padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Integers up to here are written in plain digits when nothing says that they were computed. */
const PLAIN_INTEGER_MAX = 1e17;
const PLAIN_FRACTION_MIN = 1e-6;

/** A number that came in as a double, as it most likely stood in its source. */
function plainText(value: number): string {
  const size = Math.abs(value);
  if (size >= SIMPLE_MIN && size < SIMPLE_MAX) return String(value);
  const isPlain =
    (Number.isInteger(value) && size < PLAIN_INTEGER_MAX) ||
    (size >= PLAIN_FRACTION_MIN && size < 1);
  return isPlain && !Object.is(value, -0) ? String(value) : doubleText(value);
}

/** The text of a number. `exact`: plain doubles are computed ones, as what is read keeps its text. */
export function numberText(value: JqNumber, exact: boolean): string {
  if (isLiteral(value)) return value.toString();
  return exact ? doubleText(value) : plainText(value);
}
