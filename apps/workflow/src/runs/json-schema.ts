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

const validatorsMax = 500;
const faultsMax = 5;
const validators = new Map<string, ValidateFunction>();

/**
 * The check that a JSON Schema of a definition stands for.
 * @param key equal keys mean equal schemas
 * @throws AppError `invalid-definition` when the schema cannot be used
 */
export function validatorOf(key: string, schema: Json): ValidateFunction {
  const known = validators.get(key);
  if (known !== undefined) return known;
  const validate = compile(schema);
  const [oldest] = validators.keys();
  if (validators.size >= validatorsMax && oldest !== undefined) validators.delete(oldest);
  validators.set(key, validate);
  return validate;
}

/** The check of a schema as the engine asks for it. */
export function schemaCheck(schema: Json): Result<SchemaCheck, string> {
  let validate: ValidateFunction;
  try {
    validate = validatorOf(JSON.stringify(schema), schema);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
  return ok((value) => (fits(validate, value) ? undefined : misfitText(validate)));
}

/** What JSON has and JavaScript has no number for is checked as the number that comes next to it. */
export function fits(validate: ValidateFunction, value: Json): boolean {
  if (validate(value)) return true;
  const text = JSON.stringify(value);
  return needsExactParsing(text) && validate(JSON.parse(text));
}

/** The first faults of the last check, in words. */
function misfitText({ errors }: ValidateFunction): string {
  const faults = (errors ?? []).slice(0, faultsMax);
  return faults
    .map(({ instancePath, message = 'is not allowed' }) => `${instancePath} ${message}`.trim())
    .join('; ');
}

/** Refuses a schema that no value could be checked against. @throws AppError `invalid-definition` */
export function assertUsable(schema: Json, pointer: string): void {
  try {
    compile(schema);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new AppError('invalid-definition', message, { errors: [{ pointer, message }] });
  }
}

function compile(schema: Json): ValidateFunction {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: true,
    addUsedSchema: false,
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
