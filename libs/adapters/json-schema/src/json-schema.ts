import { createContext, Script } from 'node:vm';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { SchemaCheck } from '@parley/engine';
import {
  AppError,
  err,
  isJsonObject,
  needsExactParsing,
  ok,
  type Json,
  type Result,
} from '@parley/kernel';

export const schemaLimits = {
  /** Schemas that are kept compiled. */
  keptMax: 500,
  /** One check, where the schema can make it long. */
  checkMsMax: 1_000,
  /** Characters of value and schema up to which all faults are looked for: each takes memory. */
  thoroughLengthMax: 4_000,
  faultsMax: 20,
} as const;

export interface SchemaFault {
  /** JSON Pointer into the value. */
  readonly pointer: string;
  readonly message: string;
}

/** A JSON Schema of a definition, ready to check values. Both may be hostile. */
export class JsonSchema {
  private readonly schema: Json;
  private readonly text: string;
  private readonly first: ValidateFunction;
  private all: ValidateFunction | undefined;

  /** @throws AppError `invalid-definition` when the schema cannot be used */
  constructor(schema: Json) {
    this.schema = schema;
    this.text = JSON.stringify(schema);
    this.first = compile(schema, { allErrors: false });
  }

  /** What is wrong with a value, nothing when it fits: all of it when both are small, else one fault. */
  faultsOf(value: Json): SchemaFault[] {
    try {
      return canBeLong(this.text) ? inTime(() => this.check(value)) : this.check(value);
    } catch (error) {
      const message = hopeless(error);
      if (message === undefined) throw error;
      return [{ pointer: '', message }];
    }
  }

  private check(value: Json): SchemaFault[] {
    const fault = faultsBy(this.first, value);
    if (fault.length === 0) return fault;
    const length = this.text.length + JSON.stringify(value).length;
    if (length > schemaLimits.thoroughLengthMax) return fault;
    this.all ??= compile(this.schema, { allErrors: true });
    return faultsBy(this.all, value);
  }
}

const kept = new Map<string, JsonSchema>();

/**
 * The compiled schema, from memory where it was compiled before.
 * @param key equal keys mean equal schemas
 * @throws AppError `invalid-definition` when the schema cannot be used
 */
export function schemaOf(key: string, schema: Json): JsonSchema {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = new JsonSchema(schema);
  const [oldest] = kept.keys();
  if (kept.size >= schemaLimits.keptMax && oldest !== undefined) kept.delete(oldest);
  kept.set(key, made);
  return made;
}

const toldMax = 5;

/** The check of a schema as the engine asks for it. */
export function schemaCheck(schema: Json): Result<SchemaCheck, string> {
  let made: JsonSchema;
  try {
    made = schemaOf(JSON.stringify(schema), schema);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
  return ok((value) => {
    const faults = made.faultsOf(value);
    if (faults.length === 0) return undefined;
    return faultsInWords(faults);
  });
}

/** The first faults in one line; each place is named once. */
export function faultsInWords(faults: readonly SchemaFault[]): string {
  const byPlace = new Map<string, string[]>();
  for (const { pointer, message } of faults.slice(0, toldMax)) {
    byPlace.set(pointer, [...(byPlace.get(pointer) ?? []), message]);
  }
  const places = [...byPlace];
  return places.map(([pointer, all]) => `${pointer} ${all.join(' and ')}`.trim()).join('; ');
}

/** Refuses a schema that no value could be checked against. @throws AppError `invalid-definition` */
export function assertUsable(schema: Json, pointer: string): void {
  try {
    compile(schema, { allErrors: false });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new AppError('invalid-definition', message, { errors: [{ pointer, message }] });
  }
}

/** What JSON has and JavaScript has no number for is checked as the number that comes next to it. */
function faultsBy(validate: ValidateFunction, value: Json): SchemaFault[] {
  if (validate(value)) return [];
  const text = JSON.stringify(value);
  if (needsExactParsing(text) && validate(JSON.parse(text))) return [];
  return (validate.errors ?? [])
    .slice(0, schemaLimits.faultsMax)
    .map(({ instancePath, message = 'is not allowed' }) => ({ pointer: instancePath, message }));
}

/** Keywords whose check can take longer than reading the value once, and schemas of many parts. */
function canBeLong(text: string): boolean {
  return (
    text.length > schemaLimits.thoroughLengthMax ||
    /"(?:pattern|patternProperties|uniqueItems|contains|\$ref|\$dynamicRef)":/.test(text)
  );
}

const context = createContext({ work: undefined });
const script = new Script('work()');

/** Runs work that is stopped when it takes too long, even inside a regular expression. */
function inTime<T>(work: () => T): T {
  Object.assign(context, { work });
  try {
    return script.runInContext(context, { timeout: schemaLimits.checkMsMax }) as T;
  } finally {
    Object.assign(context, { work: undefined });
  }
}

/** Why a check came to no end; undefined for what is a bug. */
function hopeless(error: unknown): string | undefined {
  const { name, code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
    const seconds = schemaLimits.checkMsMax / 1_000;
    return `takes longer than ${String(seconds)} s to check: simplify the patterns of its schema, or hand on less data`;
  }
  if (name !== 'RangeError') return undefined;
  return 'cannot be checked: it is nested too deep, or its schema refers to itself without end';
}

function compile(schema: Json, { allErrors }: { readonly allErrors: boolean }): ValidateFunction {
  const ajv = new Ajv2020({
    strict: false,
    allErrors,
    validateFormats: true,
    logger: false, // Formats that are not known are let pass, as JSON Schema says.
  });
  addFormats.default(ajv);
  try {
    const validate = ajv.compile(readable(schema));
    // Its answer would be a promise, which is true whatever becomes of it.
    if ('$async' in validate) throw new Error('$async is not supported');
    return validate;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('invalid-definition', `the JSON Schema cannot be used: ${reason}`, {
      cause: error,
    });
  }
}

/** Read by the rules of 2020-12 whatever dialect it names: what it has in common with the others. */
function readable(schema: Json): object | boolean {
  if (typeof schema === 'boolean') return schema;
  if (!isJsonObject(schema)) throw new Error('it is neither an object nor a boolean');
  const { $schema: _dialect, ...rest } = schema;
  return rest;
}
