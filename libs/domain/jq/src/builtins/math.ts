import type { Json } from '@parley/kernel';
import type { Native } from '../core.js';
import { typeError } from '../errors.js';
import { frexp, gamma, lgamma, logb, nearbyint, nextafter, significand } from './special-math.js';

function number(value: Json | undefined): number {
  if (typeof value !== 'number') throw typeError(value ?? null, 'number required');
  return value;
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
  exp: Math.exp,
  exp10: (x) => 10 ** x,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  fabs: Math.abs,
  floor: Math.floor,
  gamma: lgamma,
  lgamma,
  log: Math.log,
  log10: Math.log10,
  log1p: Math.log1p,
  log2: Math.log2,
  logb,
  nearbyint,
  pow10: (x) => 10 ** x,
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
  ldexp: (x, y) => x * 2 ** y,
  nextafter,
  nexttoward: nextafter,
  pow,
  remainder,
  scalb: (x, y) => x * 2 ** y,
  scalbln: (x, y) => x * 2 ** Math.trunc(y),
};

/** C gives 1 for 1 to the power of anything, JavaScript gives NaN for some. */
function pow(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  return x ** y;
}

function remainder(x: number, y: number): number {
  if (!Number.isFinite(x) || Number.isNaN(y) || y === 0) return Number.NaN;
  return Number.isFinite(y) ? x - nearbyint(x / y) * y : x;
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
  'modf/0': (input) => {
    const x = number(input);
    const whole = Math.trunc(x);
    return [Number.isFinite(x) ? x - whole : 0, whole];
  },
};
