import type { Core, Form, Native } from '../core.js';
import type { Span } from '../errors.js';
import { arrayNatives } from './arrays.js';
import { dateNatives } from './dates.js';
import { formatNatives } from './formats.js';
import { generatorForms } from './generators.js';
import { macros } from './macros.js';
import { mathNatives } from './math.js';
import { objectNatives } from './objects.js';
import { orderForms } from './ordering.js';
import { pathForms, pathNatives } from './paths.js';
import { refusals } from './refused.js';
import { regexNatives } from './regex.js';
import { shippedDefinitions } from './shipped.js';
import { stringNatives } from './strings.js';
import { substituteForms } from './substitute.js';
import { valueNatives } from './values.js';

export type Builtin =
  | { readonly kind: 'native'; readonly fn: Native }
  | { readonly kind: 'form'; readonly form: Form }
  /** Rewritten into other nodes. It must not bind variables around its arguments. */
  | {
      readonly kind: 'macro';
      readonly expand: (args: readonly Core[], span: Span | undefined) => Core;
    }
  /** Written in jq. */
  | { readonly kind: 'shipped'; readonly source: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** By `name/arity`. */
const builtins = new Map<string, Builtin>();

const natives: readonly Record<string, Native>[] = [
  arrayNatives,
  dateNatives,
  formatNatives,
  mathNatives,
  objectNatives,
  pathNatives,
  regexNatives,
  stringNatives,
  valueNatives,
  { 'builtins/0': () => builtinNames().filter((name) => !name.startsWith('_')) },
];
for (const table of natives) {
  for (const [name, fn] of Object.entries(table)) builtins.set(name, { kind: 'native', fn });
}
for (const table of [generatorForms, orderForms, pathForms, substituteForms]) {
  for (const [name, form] of Object.entries(table)) builtins.set(name, { kind: 'form', form });
}
for (const [name, expand] of Object.entries(macros)) builtins.set(name, { kind: 'macro', expand });
for (const [name, source] of shippedDefinitions) builtins.set(name, { kind: 'shipped', source });
for (const [name, reason] of Object.entries(refusals))
  builtins.set(name, { kind: 'refused', reason });

export function findBuiltin(name: string, arity: number): Builtin | undefined {
  return builtins.get(`${name}/${arity}`);
}

/** `name/arity` of everything that can be called. */
export function builtinNames(): string[] {
  return [...builtins].filter(([, { kind }]) => kind !== 'refused').map(([name]) => name);
}
