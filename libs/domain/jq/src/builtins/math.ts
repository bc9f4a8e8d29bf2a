import type { Json } from '@parley/kernel';
import type { Native } from '../core.js';
import { typeError } from '../errors.js';
import { asDouble } from '../values/number.js';
import { besselJ, besselY } from './bessel.js';
import {
  erf,
  erfc,
  frexp,
  gamma,
  gammaSign,
  lgamma,
  logb,
  nearbyint,
  nextafter,
  significand,
} from './special-math.js';

function number(value: Json | undefined): number {
  const double = asDouble(value);
  if (double === undefined) throw typeError(value ?? null, 'number required');
  return double;
}

const unary: Record<string, (x: number) => number> = {
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atanh: Math.atanh,
  cbrt: Math.cbrt,
  ceil: Math.ceil,
  cos: Math.cos,
  cosh: Math.cosh,
  erf,
  erfc,
  exp: Math.exp,
  exp10: (x) => 10 ** x,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  fabs: Math.abs,
  floor: Math.floor,
  gamma: lgamma,
  j0: (x) => besselJ(0, x),
  j1: (x) => besselJ(1, x),
  lgamma,
  log: Math.log,
  log10: Math.log10,
  log1p: Math.log1p,
  log2: Math.log2,
  logb,
  nearbyint,
  rint: nearbyint,
  round: (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5),
  significand,
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
  tgamma: gamma,
  trunc: Math.trunc,
  y0: (x) => besselY(0, x),
  y1: (x) => besselY(1, x),
};

const binary: Record<string, (x: number, y: number) => number> = {
  atan2: Math.atan2,
  copysign: (x, y) => (Object.is(Math.sign(y), -0) || y < 0 ? -Math.abs(x) : Math.abs(x)),
  drem: remainder,
  fdim: (x, y) => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : Math.max(x - y, 0)),
  fmax: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.max(x, y)),
  fmin: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.min(x, y)),
  fmod: (x, y) => x % y,
  hypot: Math.hypot,
  jn: (n, x) => besselJ(Math.trunc(n), x),
  ldexp: (x, y) => scale(x, Math.trunc(y)),
  nextafter,
  nexttoward: nextafter,
  pow,
  remainder,
  scalb: (x, y) => (Number.isInteger(y) || !Number.isFinite(y) ? scale(x, y) : Number.NaN),
  scalbln: (x, y) => scale(x, Math.trunc(y)),
  yn: (n, x) => besselY(Math.trunc(n), x),
};

/** x · 2^n, in steps that stay in range. */
function scale(x: number, n: number): number {
  if (!Number.isFinite(x)) return x;
  if (Math.abs(n) < 1000 || !Number.isFinite(n)) return x * 2 ** n;
  const step = Math.sign(n) * 1000;
  let result = x;
  for (let left = Math.max(-3000, Math.min(3000, n)); left !== 0;) {
    const part = Math.abs(left) > 1000 ? step : left;
    result *= 2 ** part;
    left -= part;
  }
  return result;
}

/** C gives 1 for 1 to the power of anything, JavaScript gives NaN for some. */
function pow(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  return x ** y;
}

/** Of the nearest multiple, exactly; of two that are as near, of the even one. */
function remainder(x: number, y: number): number {
  if (!Number.isFinite(x) || Number.isNaN(y) || y === 0) return Number.NaN;
  const by = Math.abs(y);
  const twice = by * 2;
  let rest = Number.isFinite(twice) ? Math.abs(x) % twice : Math.abs(x);
  if (rest > by - rest) {
    rest -= by;
    if (rest >= by - rest) rest -= by;
  }
  return x < 0 || Object.is(x, -0) ? -rest : rest;
}

export const mathNatives: Record<string, Native> = {
  ...Object.fromEntries(
    Object.entries(unary).map(([name, fn]): [string, Native] => [
      `${name}/0`,
      (input) => fn(number(input)),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(binary).map(([name, fn]): [string, Native] => [
      `${name}/2`,
      (_input, [x, y]) => fn(number(x), number(y)),
    ]),
  ),
  'fma/3': (_input, [x, y, z]) => number(x) * number(y) + number(z),
  'frexp/0': (input) => frexp(number(input)),
  'lgamma_r/0': (input) => [lgamma(number(input)), gammaSign(number(input))],
  'modf/0': (input) => {
    const x = number(input);
    const whole = Math.trunc(x);
    return [Math.abs(x) === Infinity ? 0 : x - whole, whole];
  },
};
