/** Bessel functions of the first (J) and second (Y) kind, of integer order. */

const EULER = 0.5772156649015329;

/** Beyond this the expansion for large arguments is exact to the last digits. */
const LARGE = 25;

/** Orders that are worth computing; beyond, J is 0 and Y infinite for every argument in reach. */
const ORDER_MAX = 10_000;

/** Below this the first term of each series is exact. */
const TINY = 1e-10;

/** J of all orders up to `highest` for 0 < x, by recurrence from far above downwards. */
function allJ(highest: number, x: number): number[] {
  if (x < TINY) return [1, x / 2];
  const top = 2 * Math.ceil((Math.max(highest, x) + 40) / 2 + Math.sqrt(40 * highest) / 2);
  const values = new Array<number>(top + 2).fill(0);
  values[top] = 1e-300;
  for (let k = top; k > 0; k -= 1) {
    values[k - 1] = ((2 * k) / x) * (values[k] ?? 0) - (values[k + 1] ?? 0);
    if (Math.abs(values[k - 1] ?? 0) > 1e250) {
      for (let i = k - 1; i <= top; i += 1) values[i] = (values[i] ?? 0) * 1e-250;
    }
  }
  let norm = values[0] ?? 0;
  for (let k = 2; k <= top; k += 2) norm += 2 * (values[k] ?? 0);
  return values.map((value) => value / norm);
}

/** Hankel's expansion: [J, Y] of order 0 or 1 for a large argument. */
function large(order: 0 | 1, x: number): readonly [number, number] {
  const mu = 4 * order * order;
  let [p, q, term] = [0, 0, 1];
  for (let k = 0; k < 60; k += 1) {
    if (k % 2 === 0) p += k % 4 === 0 ? term : -term;
    else q += k % 4 === 1 ? term : -term;
    const next = (term * (mu - (2 * k + 1) ** 2)) / ((k + 1) * 8 * x);
    if (Math.abs(next) > Math.abs(term) || next === 0) break;
    term = next;
  }
  const size = Math.sqrt(1 / (Math.PI * x));
  // Of x - π/4 or x - 3π/4, without the rounding of that difference.
  const [plus, minus] = [Math.cos(x) + Math.sin(x), Math.sin(x) - Math.cos(x)];
  const [cos, sin] = order === 0 ? [plus, minus] : [minus, -plus];
  return [size * (p * cos - q * sin), size * (p * sin + q * cos)];
}

export function besselJ(order: number, x: number): number {
  if (Number.isNaN(x)) return x;
  const n = Math.abs(order);
  const isFlipped = n % 2 === 1 && order < 0 !== x < 0;
  const size = Math.abs(x);
  if (size === 0 || size === Infinity || n > ORDER_MAX) return n === 0 && size === 0 ? 1 : 0;
  const value = positiveJ(n, size);
  return isFlipped ? -value : value;
}

function positiveJ(n: number, x: number): number {
  if (x <= LARGE || n > x) return allJ(n, Math.min(x, ORDER_MAX))[n] ?? 0;
  if (n < 2) return large(n as 0 | 1, x)[0];
  return upwards(n, x, [large(0, x)[0], large(1, x)[0]]);
}

/** From the orders 0 and 1 to order n. */
function upwards(n: number, x: number, [zero, one]: readonly [number, number]): number {
  let [below, at] = [zero, one];
  for (let k = 1; k < n; k += 1) [below, at] = [at, ((2 * k) / x) * at - below];
  return at;
}

export function besselY(order: number, x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  const n = Math.abs(order);
  const sign = order < 0 && n % 2 === 1 ? -1 : 1;
  if (x === 0) return -sign * Infinity;
  if (x === Infinity) return 0;
  if (n > ORDER_MAX) return -sign * Infinity;
  const start = firstY(x);
  if (n === 0) return start[0];
  const value = n === 1 ? start[1] : upwards(n, x, start);
  return sign * (Number.isNaN(value) ? -Infinity : value);
}

/** Y of order 0 and 1. */
function firstY(x: number): readonly [number, number] {
  if (x > LARGE) return [large(0, x)[1], large(1, x)[1]];
  const j = allJ(2, x);
  const at = (k: number): number => j[k] ?? 0;
  const log = Math.log(x) - Math.LN2 + EULER;
  let [zero, one] = [0, 0];
  for (let k = 1; 2 * k + 1 < j.length; k += 1) {
    const weight = (k % 2 === 1 ? 1 : -1) / k;
    zero += weight * at(2 * k);
    one += weight * (at(2 * k - 1) - at(2 * k + 1));
  }
  const scale = 2 / Math.PI;
  return [scale * (log * at(0) + 2 * zero), -scale * (at(0) / x - log * at(1) + one)];
}
