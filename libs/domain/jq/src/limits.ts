import type { Json } from '@parley/kernel';
import { overLimit } from './errors.js';

/** Bounds of one evaluation. Going over one throws a `JqError` of kind `limit`. */
export interface Limits {
  /** Steps: roughly one per value produced by an iteration, call, or element touched by a builtin. */
  readonly fuel?: number;
  /** Nested calls of functions and nesting of values that builtins descend into. */
  readonly depth?: number;
  /** Values that a program may output. */
  readonly outputs?: number;
  /** Scalars, arrays and objects in all outputs together. */
  readonly outputNodes?: number;
  /** UTF-16 code units of any one string. */
  readonly stringLength?: number;
  /** Elements of any one array. */
  readonly arrayLength?: number;
}

/** At some 5-20 ns a step, all of the fuel is spent in a fraction of a second. */
export const DEFAULT_LIMITS: Required<Limits> = {
  fuel: 10_000_000,
  depth: 10_000,
  outputs: 100_000,
  outputNodes: 1_000_000,
  stringLength: 16 * 1024 * 1024,
  arrayLength: 1_000_000,
};

/** Source texts longer than this are refused before they are read. */
export const SOURCE_LENGTH_MAX = 64 * 1024;

/** Nesting of a program's syntax; keeps the recursive parser and compiler inside the stack. */
export const SYNTAX_DEPTH_MAX = 250;

/** Copying is much cheaper than evaluating: this many copied elements cost one step. */
const COPIES_PER_STEP = 2;

/** The same for elements of an array that is copied as a block of memory. */
const BLOCK_COPIES_PER_STEP = 8;

/** The same for characters of a text. */
const CHARACTERS_PER_STEP = 16;

/** As `RunEnv` has them. */
interface MeterOptions {
  readonly limits?: Limits;
  readonly now?: number;
  readonly exact?: boolean;
  readonly fuel?: number;
}

/** What one evaluation has left, and the facts about it that builtins may ask. */
export class Meter {
  depth = 0;
  readonly limits: Required<Limits>;
  private readonly fuelMax: number;
  private fuel: number;

  /** Seconds since the epoch, or undefined when the caller gave no time. */
  readonly now: number | undefined;
  /** Whether numbers keep the spelling of their source, see `RunEnv.exact`. */
  readonly exact: boolean;

  constructor(
    readonly globals: readonly (Json | undefined)[],
    { limits, now, exact = false, fuel }: MeterOptions,
  ) {
    this.now = now;
    this.exact = exact;
    this.limits = limits === undefined ? DEFAULT_LIMITS : { ...DEFAULT_LIMITS, ...limits };
    this.fuelMax = fuel ?? this.limits.fuel;
    this.fuel = this.fuelMax;
  }

  /** Steps that were taken. */
  get spent(): number {
    return this.fuelMax - this.fuel;
  }

  /** Takes `steps` from the fuel. */
  spend(steps: number): void {
    this.fuel -= steps;
    if (this.fuel < 0) throw overLimit(`evaluation takes more than ${this.fuelMax} steps`);
  }

  /** Pays for copying `length` elements. */
  copy(length: number): void {
    this.spend(1 + length / COPIES_PER_STEP);
  }

  /** Pays for copying an array of `length` elements as it is. */
  copyBlock(length: number): void {
    this.spend(1 + length / BLOCK_COPIES_PER_STEP);
  }

  /** Goes one level down; pair with `depth -= 1`. */
  descend(): void {
    this.depth += 1;
    if (this.depth > this.limits.depth) {
      throw overLimit(`evaluation is nested deeper than ${this.limits.depth} levels`);
    }
  }

  /** Refuses a string that would be too long, before it is built. */
  stringOf(length: number): void {
    if (length > this.limits.stringLength) {
      throw overLimit(`a string is longer than ${this.limits.stringLength} characters`);
    }
    this.spend(1 + length / CHARACTERS_PER_STEP);
  }

  /** Refuses an array that would be too long, before it is built. */
  arrayOf(length: number): void {
    if (length > this.limits.arrayLength) {
      throw overLimit(`an array is longer than ${this.limits.arrayLength} elements`);
    }
  }
}
