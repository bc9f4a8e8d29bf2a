/** Functions of the C library that JavaScript lacks. */

/** A mantissa in [0.5, 1) and the exponent of 2 that goes with it. */
export function frexp(x: number): [number, number] {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1);
  let mantissa = x * 2 ** -exponent;
  while (Math.abs(mantissa) < 0.5) {
    mantissa *= 2;
    exponent -= 1;
  }
  while (Math.abs(mantissa) >= 1) {
    mantissa /= 2;
    exponent += 1;
  }
  return [mantissa, exponent];
}

export function logb(x: number): number {
  if (x === 0) return -Infinity;
  if (!Number.isFinite(x)) return x * x;
  return frexp(x)[1] - 1;
}

export function significand(x: number): number {
  return x === 0 || !Number.isFinite(x) ? x : frexp(x)[0] * 2;
}

/** Rounds halves to the even neighbour. */
export function nearbyint(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The next double after x in the direction of y. */
export function nextafter(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === y) return y;
  if (x === 0) return y > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  view.setBigInt64(0, y > x === x > 0 ? bits + 1n : bits - 1n);
  return view.getFloat64(0);
}

/** Lanczos' approximation, g = 7. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
] as const;

/** Bernoulli numbers over k(k - 1): the coefficients of Stirling's series. */
const STIRLING = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
] as const;

/** From here Stirling's series is exact to the last digits. */
const STIRLING_MIN = 15;

/** Below this 1/x is all that counts. */
const TINY = 1e-18;

/** The logarithm of the magnitude of the gamma function. */
export function lgamma(x: number): number {
  if (Math.abs(x) === Infinity || (x <= 0 && Number.isInteger(x))) return Infinity;
  if (x === 1 || x === 2) return 0;
  if (Math.abs(x) < TINY) return -Math.log(Math.abs(x));
  if (x < 0.5) return Math.log(Math.PI / Math.abs(sinPi(x))) - lgamma(1 - x);
  if (x < STIRLING_MIN) return nearOne(x);
  const inverse = 1 / x;
  let [series, power] = [0, inverse];
  for (const coefficient of STIRLING) {
    series += coefficient * power;
    power *= inverse * inverse;
  }
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

/** sin(πx), exact for large x, too. */
function sinPi(x: number): number {
  return Math.sin(Math.PI * (x % 2));
}

/** Lanczos' approximation, which is relatively exact but at 1 and 2; there a series is. */
function nearOne(x: number): number {
  for (const zero of [1, 2]) {
    const t = x - zero;
    if (Math.abs(t) < 0.2) return zero === 1 ? seriesAtOne(t) : seriesAtOne(t) + Math.log1p(t);
  }
  const base = x - 1;
  const t = base + 7.5;
  let sum: number = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i += 1) sum += (LANCZOS[i] ?? 0) / (base + i);
  return 0.5 * Math.log(2 * Math.PI) + (base + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** lgamma(1 + t) = -γt + Σ (-1)^k ζ(k) t^k / k */
function seriesAtOne(t: number): number {
  let [sum, power] = [-0.5772156649015329 * t, t];
  for (let k = 2; k < 40; k += 1) {
    power *= -t;
    sum += (-zeta(k) * power) / k;
  }
  return sum;
}

function zeta(k: number): number {
  const terms = 20;
  let sum = 1;
  for (let n = 2; n < terms; n += 1) sum += n ** -k;
  // The tail, by Euler and Maclaurin.
  const tail = terms ** (1 - k) / (k - 1) + terms ** -k / 2 + (k * terms ** (-k - 1)) / 12;
  return sum + tail - (k * (k + 1) * (k + 2) * terms ** (-k - 3)) / 720;
}

/** 1 or -1: the sign of the gamma function. */
export function gammaSign(x: number): number {
  if (x === 0) return Object.is(x, -0) ? -1 : 1;
  return x < 0 && Number.isFinite(x) && !Number.isInteger(x) && Math.floor(x) % 2 !== 0 ? -1 : 1;
}

/** The error function, by its series where that converges well. */
export function erf(x: number): number {
  if (Number.isNaN(x) || x === 0) return x;
  if (Math.abs(x) >= 2) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let [sum, term] = [x, x];
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-18; n += 1) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** 1 - erf(x), by a continued fraction where the difference would lose digits. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 0) return 2 - erfc(-x);
  if (x > 28) return 0;
  if (x < 2) return 1 - erf(x);
  let fraction = 0;
  for (let k = 120; k > 0; k -= 1) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}

export function gamma(x: number): number {
  if (Number.isInteger(x)) {
    if (x <= 0) return x === 0 ? 1 / x : Number.NaN;
    if (x <= 171) {
      let product = 1;
      for (let i = 2; i < x; i += 1) product *= i;
      return product;
    }
  }
  if (x === -Infinity) return Number.NaN;
  if (x > 172) return Infinity;
  return gammaSign(x) * gammaSize(x);
}

function gammaSize(x: number): number {
  if (x < 0.5) return Math.PI / (Math.abs(sinPi(x)) * gammaSize(1 - x));
  return Math.exp(lgamma(x));
}
